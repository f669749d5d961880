"""Optimizers: gradient flow, gradient descent and Adam."""

from .base import Optimizer, Rule, duration
from .descent import Adam, GradientDescent
from .flow import GradientFlow

__all__ = ["Adam", "GradientDescent", "GradientFlow", "Optimizer", "Rule", "duration"]
