"""Pages with grounds of several colours, graphics and lines: layers of grey levels, filters, merging."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from nlpx.components.pages.base import Page
from nlpx.core.options import NonNegativeFloat, PositiveInt
from nlpx.data.page.layout import Layout, Show, UnfitPage, unseen

if TYPE_CHECKING:
    import numpy as np

    from nlpx.data.page.box import Box

Exponent = Annotated[float, Field(gt=0, le=8)]
"""32-bit numbers hold 255^8."""
Bandwidth = Annotated[float, Field(ge=1e-3, le=100)]
Growth = Annotated[float, Field(ge=0, le=100)]
Share = Annotated[float, Field(ge=0, le=1)]
MOST_PIXELS = 40_000_000
"""Pixels of an enlarged page, each of which takes about 30 bytes."""


class LayeredPage(Page):
    """Layers of grey levels, from which what is unlike text is removed; the rest is merged into lines.

    1. Grey levels are enlarged, inverted if the page is dark, transformed x -> x^power, and stretched from 0
       to 255.
    2. The minima of their density, estimated with Gaussian kernels, divide them into layers.
    3. In every layer, components stay if erosion_min <= area after an erosion / area <= erosion_max.
    4. Components in holes of components of another layer go; then, every component of the union of all layers
       keeps the layer that contributes most.
    5. Components go that are lines, frames, large areas (`density`), or isolated areas (`fill`).
    6. Boxes grow towards near neighbours, twice, and become regions; areas go (`outline`).
    7. Regions side by side become lines.

    Options:
        zoom: factor by which the page is enlarged; 1 for scans whose strokes are at least 4 pixels wide.
        power: exponent of the transform.
        bandwidth: bandwidth of the density, in standard deviations of the grey levels; larger gives fewer
            layers.
        erosion_min: smallest share of a component that an erosion leaves.
        erosion_max: largest share of a component that an erosion leaves.
        density: least product of area and size of the page over the square of the bounding box; smaller keeps
            characters that are large compared with the page.
        fill: an isolated component that fills at least this share of its bounding box is removed.
        reach: largest distance of neighbours that are merged, in shorter edges.
        widen: growth towards a neighbour on the left or right, in widths.
        heighten: growth towards a neighbour above or below, in heights; the archive names 1/6.
        sides: for each round of merging, the shortest edge of a region, in enlarged pixels.
        outline: least share of 2 x 2 squares with ink and paper in a region, relative to its ink.
        gap: largest distance of regions in a line, in heights of the higher one.
        archive: whether steps 1, 4 and 5 are those of the archive, which lose characters such as 日 and 川,
            and thin light print: step 1 without inverting dark pages, step 4 without its first half, and a
            step 5 that looks at little around a narrow component.
    Shapes: page (H, W, 3) -> ink (zoom H, zoom W), boxes of lines.
    Data: print in horizontal lines, each in one colour that differs from its ground. Characters at least
        about 20 pixels high, and small compared with the page.
    Relations: about 1 second for a million pixels, and 120 bytes for each with zoom 2; a page has at most
        10 million pixels then. Texture such as leaves or fabric gives regions that are no text. Use
        page/plain for clean pages.
    Reference: kexue.fm archives 3774, 3781, 3785, 3802, 3818, 3823. Step 7 is nlpx's own.
    Example:
        page: {type: layers, density: 8}
    """

    type: Literal["layers"] = "layers"
    zoom: Annotated[int, Field(ge=1, le=4)] = 2
    power: Exponent = 2.0
    bandwidth: Bandwidth = 0.2
    erosion_min: Share = 0.1
    erosion_max: Share = 0.9
    density: NonNegativeFloat = 16.0
    fill: Share = 0.75
    reach: Growth = 0.25
    widen: Growth = 0.25
    heighten: Growth = 0.0
    sides: list[PositiveInt] = [5, 10]
    outline: NonNegativeFloat = 0.15
    gap: NonNegativeFloat = 2.0
    archive: bool = False

    @model_validator(mode="after")
    def _keeps_something(self) -> Self:
        if self.erosion_min > self.erosion_max:
            raise PydanticCustomError(
                "nothing_left",
                f"erosion_min is {self.erosion_min}, which is more than erosion_max, {self.erosion_max}",
            )
        return self

    def layout(self, pixels: np.ndarray, show: Show = unseen) -> Layout:
        size = pixels.shape[0] * pixels.shape[1] * self.zoom**2
        if size > MOST_PIXELS:
            raise UnfitPage(
                f"with zoom {self.zoom}, the page has {size:,} pixels; at most {MOST_PIXELS:,} are read. "
                "Make the image smaller, or set page.zoom=1 or page=plain"
            )
        ink = self._ink(pixels, show)
        return Layout(ink, self._lines(ink, show), self.zoom)

    def _ink(self, pixels: np.ndarray, show: Show) -> np.ndarray:
        """Steps 1 to 5."""
        from nlpx.core.lazy import np
        from nlpx.data.page.components import (
            pooled,
            without_counters,
            without_graphics,
            withstanding_erosion,
        )
        from nlpx.data.page.grey_layers import density, grey_levels, layer_of, layers

        levels = grey_levels(pixels, self.zoom, self.power, light=not self.archive)
        show("levels", levels)
        borders, values = layers(density(levels, self.bandwidth))
        numbers = layer_of(levels, borders)
        show("layers", values.astype(np.uint8)[numbers - 1])
        for number in range(1, len(values) + 1):
            layer = numbers == number
            numbers[layer & ~withstanding_erosion(layer, self.erosion_min, self.erosion_max)] = 0
        show("eroded", numbers > 0)
        ink = pooled(numbers if self.archive else without_counters(numbers, self.density))
        show("pooled", ink)
        ink = without_graphics(ink, self.density, self.fill, square=not self.archive)
        show("text", ink)
        return ink

    def _lines(self, ink: np.ndarray, show: Show) -> list[Box]:
        """Steps 6 and 7."""
        from nlpx.data.page.components import components
        from nlpx.data.page.regions import filled_boxes, grown_to_neighbours, outline_share, trimmed_boxes
        from nlpx.data.page.rows import joined

        mask = filled_boxes(ink)
        for side in self.sides:
            mask = trimmed_boxes(ink, grown_to_neighbours(mask, self.reach, self.widen, self.heighten), side)
        show("regions", mask)
        regions = [box for box in components(mask).boxes if outline_share(box.of(ink)) >= self.outline]
        return joined(regions, components(ink).boxes, self.gap)
