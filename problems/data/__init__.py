"""Where rows come from: seeded generators of known conditioning, bundled sets, files."""
