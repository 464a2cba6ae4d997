"""Tools of the migration: back up, restore, compare, count costs, watch, drill; each ends with 0 done, 1 refused, 2 misused."""
