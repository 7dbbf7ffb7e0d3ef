"""A generated collection of posts with images, and one command that runs it all.

drawing  scenes: dusk, rain and one figure, or a bright day with several
demo     posts of people who never were, each with a scene
run      trained, joined, judged in a topology, and set beside what was true
"""
