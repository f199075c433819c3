"""What operators run anywhere, against any MongoDB and Kafka: the `carnet` command with its proofs and repairs."""
