// The types of the CUDA driver API that our calls take, under the names of NVIDIA's own cuda.h and with
// its layout.
//
// Declared here, since Debian has no free package with that header: nothing of NVIDIA's is needed to
// build or start. A test compares them, and the prototypes of cuda_calls.h, with the real header.
#pragma once

/// Enumeration: without negative values, as wide as int.
typedef unsigned int CUresult;
/// A GPU by the driver's number.
typedef int CUdevice;
/// An address in a GPU's memory.
typedef unsigned long long CUdeviceptr;
typedef struct CUctx_st *CUcontext;
typedef struct CUstream_st *CUstream;
typedef struct CUevent_st *CUevent;
