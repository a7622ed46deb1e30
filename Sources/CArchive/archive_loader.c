// Archive loader: see archive_loader.h.
