// Loaders of vendor libraries opened at run time.
