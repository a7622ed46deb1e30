#ifndef TINYBOX_VERSION_H
#define TINYBOX_VERSION_H

/// The commit that was built, as Package.swift hands it over; empty where it is not known. Its own
/// C file, so that a new commit compiles no Swift file anew.
extern const char *_Nonnull const tinybox_commit;

#endif
