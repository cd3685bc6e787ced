"""Evaluation: tasks, verdicts, statistics, report."""
