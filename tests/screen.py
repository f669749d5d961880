"""What a reader sees of a lab, read from its widgets."""


def story_of(lab):
    """The lines of *What happened*, as they are unfolded."""
    return "\n".join(line.children[-1].value for line in lab.folds.story.children)
