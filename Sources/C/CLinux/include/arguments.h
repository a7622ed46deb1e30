// The arguments of the program as the kernel passed them.
#pragma once

/// The vector that main() gets, ended by NULL; NULL where nobody passed it.
///
/// Swift's CommandLine reads /proc/self/cmdline (swift/stdlib/public/stubs/CommandLine.cpp), and has
/// no arguments where no /proc is mounted: `placement rollback` would be the plain program.
char *_Nullable const *_Nullable tbx_arguments(void);
