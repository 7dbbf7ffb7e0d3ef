"""The application built on catenae: a Reddit crawler and a screening for signs of depression."""
