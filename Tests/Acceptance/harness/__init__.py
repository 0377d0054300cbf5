"""What the acceptance tests stand on: the host, origins, manifests and raw HTTP."""
