"""What happened, as figures: facts, the formulas over them, and pages that show both; decides nothing."""
