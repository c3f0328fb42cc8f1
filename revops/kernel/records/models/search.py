"""The search index: one row a word, found by prefix with one meaning on both engines."""

from django.db import models

from revops.kernel.folding import FoldedField


class SearchWord(models.Model):
    """A folded word that finds a record. `source_*` says which row it came from; derived, so not governed.

    One index leads from a word to its records, the other says whether a record has a word: which way is shorter
    depends on how common the word is and how wide the scope.
    """

    record_type = models.CharField(max_length=40)
    record_id = models.BigIntegerField()
    source_type = models.CharField(max_length=40)
    source_id = models.BigIntegerField()
    word = FoldedField(max_length=80)

    class Meta:
        indexes = [
            models.Index(fields=["record_type", "word", "record_id"], name="search_by_type_and_word"),
            models.Index(fields=["record_id", "record_type", "word"], name="search_by_record"),
        ]
