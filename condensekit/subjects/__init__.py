"""Subjects: what a lab may train or compute, without a widget. Runs, escapes, sweeps, ranks."""

from .base import Job, Subject
from .escapes import Escapes, Watched
from .hand import Hand
from .merging import fit_with_merged, merged_sentence
from .moment import Moment, Said, StepMeasure, measured, said
from .player import Player, State
from .ranks import Ranked, Ranks, RankSettings
from .runs import Families, Trained, Trainings
from .sweeps import Map, MapSettings, Sweeps
from .words import remarked, told

__all__ = [
    "Escapes",
    "Families",
    "Hand",
    "Job",
    "Map",
    "MapSettings",
    "Moment",
    "Player",
    "RankSettings",
    "Ranked",
    "Ranks",
    "Said",
    "State",
    "StepMeasure",
    "Subject",
    "Sweeps",
    "Trained",
    "Trainings",
    "Watched",
    "fit_with_merged",
    "measured",
    "merged_sentence",
    "remarked",
    "said",
    "told",
]
