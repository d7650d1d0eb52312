"""The config of the task gan."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, Self

from pydantic import Field, model_validator

from nlpx.components.decoders.base import Decoder
from nlpx.components.losses.base import Loss
from nlpx.components.losses.hinge_gan import HingeGAN
from nlpx.components.metrics.base import Metric
from nlpx.components.metrics.sliced_wasserstein import SlicedWasserstein
from nlpx.components.networks.base import Network
from nlpx.components.networks.dense import Dense
from nlpx.components.optimizers.base import Optimizer
from nlpx.core.component import Section
from nlpx.core.misfits import refuse
from nlpx.core.options import PositiveFloat, PositiveInt, Rate
from nlpx.data.points import Point
from nlpx.data.records import LabelledImage
from nlpx.specs.experiment import Experiment
from nlpx.specs.sections import CheckpointSection, Monitor, TrainSection

if TYPE_CHECKING:
    from nlpx.data.codec import Vocabularies
    from nlpx.data.items import EncodedItems
    from nlpx.engine.learner import Batches
    from nlpx.specs.predictor import Predictor
    from nlpx.tasks.gan.codec import SampleCodec
    from nlpx.tasks.gan.predictor import GanPredictor


COMPARED = 16
"""Samples of which an exported generator and its run are compared."""


class ReplaySection(Section):
    """Samples that are kept and improved by Langevin dynamics in every step. Experimental.

    Options:
        size: number of samples.
        fresh: share of the samples of a batch that begin again, at a random place.
        steps: Langevin steps of a batch.
        step_size: e of a step x' = x - e/2 U'(x) + sqrt(e T) a, with normal a.
        temperature: T; chains have the density e^(-U/T). Small values need less steep energies.
        extent: largest coordinate of a random place; pixels are between -1 and 1.
    """

    size: PositiveInt = 10_000
    fresh: Rate = 0.05
    steps: PositiveInt = 30
    step_size: PositiveFloat = 0.005
    temperature: PositiveFloat = 1.0
    extent: PositiveFloat = 1.0


class GanModel(Section):
    """A generator of samples from noise, and a discriminator that scores samples.

    Options:
        latent: width of the noise.
        generator: network from noise to samples.
        discriminator: network from samples to a score.
        encoder: network from samples to noise, for the loss maximum_entropy.
        replay: kept samples in place of a generator, which is then not used; for the loss contrastive_energy.
        image_size: edge of generated images in pixels; not used for points.
        channels: 1 for grey images, 3 for RGB; not used for points.
    """

    latent: PositiveInt = 8
    generator: Network = Dense()
    discriminator: Network = Dense(activation="leaky_relu", spectral_norm=True)
    encoder: Network | None = None
    replay: ReplaySection | None = None
    image_size: Annotated[int, Field(ge=8, le=256)] = 28
    channels: Literal[1, 3] = 1


class GanTrain(TrainSection):
    """Length of training, batches, and how the two networks take turns.

    Options:
        update: alternating trains the discriminator, then the generator, with an optimizer and batches of its
            own each; joint minimizes one loss in one step, in which stopped gradients keep the two apart.
        discriminator_steps: steps of the discriminator per step of the generator, for alternating.
        buckets: not used, because all samples have the same size.
    """

    epochs: PositiveInt | None = 40
    batch_size: PositiveInt = 128
    update: Literal["alternating", "joint"] = "alternating"
    discriminator_steps: PositiveInt = 1
    buckets: None = None
    evaluation_batch_size: PositiveInt = 512


class GanCheckpoint(CheckpointSection):
    """The best checkpoint generates the distribution that is closest to the validation split."""

    monitor: Monitor = "valid/sliced_wasserstein"


class Gan(Experiment):
    """Generate points or images unconditionally with a generative adversarial network.

    x' = G(z), z ~ N(0, 1);  D is low for real samples, and G lowers D(G(z))

    Options:
        seed: seed of weights, noise and data order.
        data: points or images.
        model: generator and discriminator.
        loss: the objective of both networks.
        optimizer: the optimizer, or one for each of `discriminator` and `generator`.
        train: length of training, batches, alternating or joint updates.
        decode: what changes the samples of the generator; nothing by default.
        samples: none, because a generator has no input; every evaluation keeps an image of samples.
    Shapes: noise (B, L) -> samples (B, 2) or (B, S, S, C) -> scores (B,).
    Data: points of the plane, or images; labels are not used in training.
    Relations: `nlpx predict` writes samples as lines, or into an `--output` file that ends in .png or .npz.
    Reference: Goodfellow et al. 2014, arXiv 1406.2661; joint updates: kexue.fm archive 6387.
    Example:
        task: gan
        train: {epochs: 5, update: joint}
    """

    row: ClassVar[str] = Point.kind
    sample: ClassVar[str] = "ring"
    introduces: ClassVar[Mapping[str, str]] = {
        "real_score": "score D(x) of real samples, (B,)",
        "fake_score": "score D(G(z)) of generated samples without a gradient of G, (B,)",
        "generator_score": "score D(G(z)) of the same samples, (B,)",
        "real_gradient": "squared norm of the gradient of D at real samples, (B,)",
        "fake_gradient": "squared norm of the gradient of D at generated samples, (B,)",
        "mixed_gradient": "squared norm of the gradient of D at random places between both, (B,)",
        "noise_error": "squared distance |z - E(G(z))|^2 of the noise and what the encoder finds, (B,)",
        "energy": "the score D of any sample, and its gradient",
        "real_vector": "a real sample as numbers, for images the features of a classifier",
        "generated_vector": "a generated sample as numbers of the same kind",
        "mode": "name of the mode of the distribution that the real sample is from; may be empty",
    }
    gives: ClassVar[frozenset[str]] = frozenset(introduces) - {"mode"}
    given_by_record: ClassVar[Mapping[str, frozenset[str]]] = {
        Point.kind: frozenset({"mode"}),
        LabelledImage.kind: frozenset(),
    }
    phases: ClassVar[tuple[str, ...]] = ("discriminator", "generator")
    takes_input: ClassVar[bool] = False
    generates: ClassVar[bool] = True

    type: Literal["gan"] = Field("gan", alias="task")
    model: GanModel = GanModel()
    loss: Loss = HingeGAN()
    train: GanTrain = GanTrain()
    checkpoint: GanCheckpoint = GanCheckpoint()
    decode: Decoder | None = None
    metrics: list[Metric] = [SlicedWasserstein()]
    samples: Annotated[list[str], Field(max_length=0)] = []

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of a sample."""
        size = self.model.image_size
        return (2,) if self.row_type == Point.kind else (size, size, self.model.channels)

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        refuse(self.type, self._misfits())
        return self

    def _misfits(self) -> Iterator[tuple[tuple[str, ...], object, str]]:
        model, latent = self.model, (self.model.latent,)
        shapes = {
            "generator": (latent, self.shape),
            "discriminator": (self.shape, ()),
            "encoder": (self.shape, latent),
        }
        for name, (inputs, outputs) in shapes.items():
            network: Any = getattr(model, name)
            if network is None or (name == "generator" and model.replay is not None):
                continue
            try:
                network.expect(inputs, outputs)
            except ValueError as error:
                yield ("model", name), network.type, str(error)
            if getattr(network, "dropout", 0):
                what = "networks of a gan are used without dropout: remove this"
                yield ("model", name, "dropout"), network.dropout, what
        generates = any("generator_score" in loss.reads for _, loss in self.loss.members)
        if generates and model.replay is not None:
            what = f"the loss {self.loss.type} needs a generator: set contrastive_energy, or remove this"
            yield ("model", "replay"), {}, what
        if self.loss.type == "contrastive_energy" and model.replay is None:
            yield ("loss",), self.loss.type, "the loss contrastive_energy needs model.replay, such as {}"
        if self.train.update == "joint" and not generates:
            yield ("train", "update"), "joint", "there is one network to train: set update: alternating"
        wanted = any("noise_error" in loss.reads for _, loss in self.loss.members)
        if wanted and model.encoder is None:
            what = f"the loss {self.loss.type} needs model.encoder, such as {{type: dense}}"
            yield ("loss",), self.loss.type, what
        if model.encoder is not None and not wanted:
            what = f"the loss {self.loss.type} uses no encoder: set loss: maximum_entropy, or remove this"
            yield ("model", "encoder"), model.encoder.type, what
        if self.train.update == "joint":
            if self.train.discriminator_steps > 1:
                what = "a joint update is one step of both networks: set update: alternating, or remove this"
                yield ("train", "discriminator_steps"), self.train.discriminator_steps, what
            if not isinstance(self.optimizer, Optimizer):
                what = "a joint update has one optimizer: set update: alternating, or write one optimizer"
                yield ("optimizer",), [*self.optimizer], what

    def codec(self) -> SampleCodec:
        from nlpx.tasks.gan.codec import SampleCodec

        return SampleCodec(self.shape)

    def learner(self, codec: Any, vocabularies: Vocabularies) -> Any:
        from nlpx.tasks.gan.learner import gan_learner

        return gan_learner(self)

    def exported(self, graphs: Any, constants: Any) -> Any:
        from nlpx.exported.generator import ExportedGenerator

        return ExportedGenerator(graphs, constants)

    def inputs(self, codec: Any, vocabularies: Vocabularies, folder: Path) -> Sequence[str]:
        return [str(number) for number in range(COMPARED)]

    def predictor(self, codec: SampleCodec, learner: Any, vocabularies: Vocabularies) -> GanPredictor:
        from nlpx.tasks.gan.predictor import GanPredictor

        return GanPredictor(self, codec, learner)

    def example_type(self) -> Any:
        from nlpx.tasks.gan.example import ImageExample, SampleExample

        return ImageExample if self.codec().are_images else SampleExample

    def references(self, codec: SampleCodec, vocabularies: Vocabularies) -> Mapping[str, Predictor[Any, Any]]:
        from nlpx.tasks.gan.references import references

        return references(codec)

    def batches(self, items: EncodedItems, learner: Any, cache: Path) -> Batches:
        from nlpx.data.shuffled_batches import ShuffledBatches

        return ShuffledBatches(items, self.train.batch_size, self.seed, self.train.accumulation)
