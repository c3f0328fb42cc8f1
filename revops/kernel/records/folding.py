"""Moved to `revops.kernel.folding`, below everything that compares text; committed migrations name it here."""

from revops.kernel.folding import FoldedField, fold, prefix_end, words

__all__ = ["FoldedField", "fold", "prefix_end", "words"]
