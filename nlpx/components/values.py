"""The values that components exchange, by name: one table for the whole of nlpx.

A component says what it `needs`; a head, a record, a task what it `gives`. A part of a config fits where all
that it needs is given. A plugin may bring names of its own: any name will do that both sides use.
"""

from __future__ import annotations

from collections.abc import Mapping

VALUES: Mapping[str, str] = {
    # What a learner gives to its objective; B rows, T positions, all float32 but where said.
    "mask": "which rows or positions are real, (B,) or (B, T) bool; every model gives it",
    "logits": "scores of every answer before the softmax, (..., U)",
    "target": "the right answers, (...) int32",
    "auxiliary_logits": "scores of every answer by a second head, (B, U)",
    "feature": "the vector of features that the main head reads, (B, D)",
    "crf_nll": "-log P(tags | text) of every row under a linear-chain CRF, (B,)",
    "token_nll": "-log p of every token of the reference, (B, S)",
    "token_logits": "scores of every token of the vocabulary before the softmax, (B, S, V)",
    "kl": "KL divergence of posterior and prior for every latent dimension, (B, L)",
    "vector": "vectors of length 1 of sentences, (B, D)",
    "group": "which sentences mean the same: equal numbers, (B,) int32",
    "cosine": "cosine of the two sentences of a pair, (B,)",
    "score": "how alike the corpus says that they are, (B,)",
    # What a model gives to its decoder, beside the above.
    "line": "the prediction, a line of the length of the text, character by character",
    "tags": "scores of the tags that cut a text into words, (T, K)",
    "next_token": "scores of the next token after those predicted so far, (B, V)",
    "latent": "a decoder from latent vectors to log-probabilities of every character, (T, V)",
    # What an example (a record with its prediction) gives to metrics.
    "nll": "-log p(reference) in nats",
    "characters": "over how many characters `nll` sums",
    "source_text": "the text that was given",
    "reference_text": "the text of the corpus",
    "predicted_text": "the text of the model",
    "finished": "whether the model ended the text by itself",
    "reference_words": "the words of the corpus",
    "known_words": "for each of them, whether it is a word of the training records",
    "predicted_words": "the words of the model",
    "reference_class": "the class of the corpus",
    "predicted_class": "the class of the model",
    "reference_rank": "the place of the reference among the classes by falling probability, from 1",
    "head_classes": "the classes of the main and the auxiliary head, and the share of the main one",
    "elbo": "the evidence lower bound and its parts",
    "generated": "the lines of a text that was generated unconditionally",
    "familiarity": "how near that text, and the one that was given, are to the training records",
    "ranking": "the vector of a sentence and its group, to rank the others by",
    "predicted_score": "the score of the model",
}
"""Name -> what it is, with its shape."""
