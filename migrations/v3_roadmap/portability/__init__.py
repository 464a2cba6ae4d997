"""Installs V3 wherever it is put: finds out where it is, lays itself out, writes its configuration; knows no path beforehand."""
