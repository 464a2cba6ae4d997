"""Defects of the package that can be seeded, each as a patch at start; the package itself knows none."""

from plumbing.defects import DefectTable

DEFECTS = DefectTable()
