"""A scenario of the reader's own place from about ten answers: `simgov new` asks, this package reads, checks and writes."""

from simgov.interview.questions import QUESTIONS, Answers, Question, conduct
from simgov.interview.reading import UnclearError
from simgov.interview.saved import answers_of, check, save

__all__ = ["QUESTIONS", "Answers", "Question", "UnclearError", "answers_of", "check", "conduct", "save"]
