"""What a policy answers to a question about one record: an outcome in a word, and a verdict a line of the policy."""

from dataclasses import dataclass

from revops.kernel.policies.rules.verdicts import Verdict


@dataclass(frozen=True, slots=True)
class Answer:
    """The outcome and the verdicts that led to it, in the order of the policy's lines."""

    outcome: str
    verdicts: tuple[Verdict, ...]
