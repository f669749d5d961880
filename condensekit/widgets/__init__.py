"""What every widget here needs, whatever it shows: buttons, folds, and how it is let go of."""
