"""Operating: what people ask of a topology, from checking and deploying it to forgetting and migrating."""
