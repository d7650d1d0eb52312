"""Names of the values that components exchange.

A component declares the values it `needs`; heads, records and tasks declare the values they `give`. A
component fits if all values it needs are given. A component may introduce further names in `introduces`.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping

from nlpx.core.component import Registry

UNRANKED = sys.maxsize
"""The reference_rank of a class that the model does not know, which no top k reaches."""

VALUES: Mapping[str, str] = {
    # Values that a learner gives to its objective; B rows, T positions; float32 unless stated otherwise.
    "mask": "which rows or positions are not padding, (B,) or (B, T) bool; every model gives it",
    "logits": "scores of all classes before the softmax, (..., U)",
    "logit": "score of the second of two classes before the sigmoid, (B,)",
    "target": "the correct classes, (...) int32",
    "auxiliary_logits": "scores of all classes by a second head, (B, U)",
    "feature": "the feature vector that is the input of the main head, (B, D)",
    "hidden": "the vectors that are the input of the output layer, (..., D)",
    "output_embedding": "the vectors of all classes, whose products with `hidden` are logits, (U, D)",
    "output_bias": "what is added to the logits, (U,)",
    "target_score": "scores of the targets, where a model computes them itself, (...)",
    "row_key": "a number of each row, the same in every batch that contains it, (B,) int32",
    "frequency": "how often each class occurs in the training split, (U,)",
    "crf_nll": "-log P(tags | text) of each row under a linear-chain CRF, (B,)",
    "memm_nll": "-log P(tags | text) of each row under a maximum entropy Markov model, (B,)",
    "bi_memm_nll": "the mean of -log P(tags | text) of each row over both directions of such a model, (B,)",
    "token_nll": "-log p of each token of the reference, (B, S)",
    "token_logits": "scores of all tokens of the vocabulary before the softmax, (B, S, V)",
    "overlap": "share of each token that the pointer copies again, (B, S)",
    "capsule_length": "score of each class by itself, from 0 to 1, such as the length of its capsule, (B, U)",
    "transcript": "labels from 1 that the frames of a row spell, (B, S) int32",
    "transcript_length": "number of labels of a transcript, (B,) int32",
    "kl": "KL divergence of posterior and prior for each latent dimension, (B, L)",
    "vector": "sentence vectors of length 1, (B, D)",
    "group": "numbers of groups of paraphrases, (B,) int32",
    "cosine": "cosine of the two sentences of a pair, (B,)",
    "score": "similarity of the two sentences according to the corpus, (B,)",
    # Further values that a model gives to tricks.
    "embedding": "vectors of the tokens before dropout, of each text that is read, (B, T, D)",
    "char": "ids of the characters of a text that is only read, (B, T) int32",
    "blocks": "encoder blocks, each called with a sequence (B, T, D)",
    "image": "images with values 0 to 255, (B, S, S, C)",
    # Further values that a model gives to its decoder.
    "line": "the prediction, a line of the same length as the text, by character",
    "tags": "scores of the tags that segment a text into words, (T, K)",
    "next_token": "scores of the next token given the previous ones, (B, V)",
    "latent": "a decoder from latent vectors to log-probabilities of all characters, (T, V)",
    # Values that an example (a record with its prediction) gives to metrics.
    "nll": "-log p(reference) in nats",
    "characters": "number of characters over which `nll` is summed",
    "source_text": "the input text",
    "reference_text": "the reference text",
    "predicted_text": "the predicted text",
    "finished": "whether the model ended the text",
    "reference_words": "the reference words",
    "known_words": "for each reference word, whether it occurs in the training split",
    "predicted_words": "the predicted words",
    "reference_class": "the reference class",
    "predicted_class": "the predicted class",
    "reference_rank": "rank of the reference class by descending probability, from 1",
    "class_probabilities": "the probability of each class, by its name",
    "head_classes": "the classes predicted by the main and the auxiliary head, and the weight of the former",
    "elbo": "the evidence lower bound and its parts",
    "generated": "the lines of an unconditionally generated text",
    "familiarity": "similarity of that text, and of the input, to the training split",
    "ranking": "sentence vector and group, for ranking the other sentences",
    "predicted_score": "the predicted score",
}
"""Name -> description with shape."""


def described(registry: Registry) -> dict[str, str]:
    """The values of the table, and those that components introduce."""
    return dict(VALUES) | {name: text for e in registry for name, text in e.component.introduces.items()}
