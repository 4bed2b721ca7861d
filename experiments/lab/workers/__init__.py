"""Worker processes that can be killed: the engine, the worker, threads, the environment."""
