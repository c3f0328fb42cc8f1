"""The search index: one row a word, found by prefix with one meaning on both engines."""

from django.db import models

from revops.kernel.folding import FoldedField


class SearchWord(models.Model):
    """A folded word that finds a record. `source_*` says which row it came from; derived, so not governed."""

    record_type = models.CharField(max_length=40)
    record_id = models.BigIntegerField()
    source_type = models.CharField(max_length=40)
    source_id = models.BigIntegerField()
    word = FoldedField(max_length=80)

    class Meta:
        indexes = [
            models.Index(fields=["word", "record_type", "record_id"], name="search_by_word"),
            models.Index(fields=["source_type", "source_id"], name="search_by_source"),
        ]
