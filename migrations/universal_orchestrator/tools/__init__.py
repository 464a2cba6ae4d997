"""Tools of the migration: run clients, measure, back up, swap, drill, watch; each ends with 0 done, 1 refused, 2 misused."""
