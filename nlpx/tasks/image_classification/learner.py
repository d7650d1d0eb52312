"""Learner of the task image_classification."""

from __future__ import annotations

from pathlib import Path

from nlpx.core.paths import is_file
from nlpx.data.codec import Vocabularies
from nlpx.errors import DataError, EnvironmentProblem
from nlpx.models.classifier import Classifier, ClassifierLearner
from nlpx.tasks.image_classification.config import ImageClassification

NONE, IMAGENET = "none", "imagenet"


def image_learner(experiment: ImageClassification, vocabularies: Vocabularies) -> ClassifierLearner:
    """A classifier with fresh weights."""
    classes = len(vocabularies["label"]) - 1  # the unknown label is not a class
    return ClassifierLearner(Classifier(experiment.model, classes), experiment.loss)


def read_backbone(experiment: ImageClassification, learner: ClassifierLearner) -> None:
    """Load the weights given by the option `weights` of the backbone.

    Raises:
        DataError: the file is missing, or does not contain weights of this backbone.
        EnvironmentProblem: ImageNet weights cannot be downloaded.
    """
    spec = experiment.model.backbone
    weights = getattr(spec, "weights", NONE)
    if weights == NONE:
        return
    backbone = learner.model.backbone
    if weights == IMAGENET:
        try:
            backbone.fetch_weights()
        except OSError as error:
            raise EnvironmentProblem(
                f"model.backbone.weights: the weights of ImageNet cannot be downloaded: {error}. Give "
                "the path of a file of weights that was downloaded elsewhere, or none."
            ) from None
        return
    path = Path(experiment.data.root or Path.cwd()) / weights
    if not is_file(path):
        raise DataError(
            f"model.backbone.weights: there is no file {path}. A path is relative to data.root; "
            "none starts from random weights."
        )
    try:
        backbone.read_weights(path)
    except (OSError, ValueError) as error:
        raise DataError(
            f"{path}: these are no weights of {getattr(spec, 'name', spec.type)}: "
            f"{str(error).rstrip('.')}. Expected an HDF5 file of Keras, without the classifier."
        ) from None
