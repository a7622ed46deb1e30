// The calls of the CUDA driver API that we make (NVIDIA, CUDA Driver API Reference). The driver keeps old
// entry points: a changed signature gets a new name with a suffix (`_v2`), so a name that resolves has the
// signature written here.
//
// Behind cuda_types.h, or in a test behind NVIDIA's cuda.h: there a prototype that differs from NVIDIA's
// does not compile.
#pragma once
#include <stddef.h>

/// Those that every driver since CUDA 11 has.
#define TBX_CUDA_CALLS(X)         \
  X(cuInit)                       \
  X(cuDeviceGetCount)             \
  X(cuDeviceGet)                  \
  X(cuDeviceGetPCIBusId)          \
  X(cuDevicePrimaryCtxRetain)     \
  X(cuDevicePrimaryCtxRelease_v2) \
  X(cuCtxSetCurrent)              \
  X(cuMemAlloc_v2)                \
  X(cuMemFree_v2)                 \
  X(cuMemHostRegister_v2)         \
  X(cuMemHostUnregister)          \
  X(cuMemcpyHtoDAsync_v2)         \
  X(cuMemcpyDtoHAsync_v2)         \
  X(cuMemcpyDtoDAsync_v2)         \
  X(cuMemcpyPeerAsync)            \
  X(cuStreamCreate)               \
  X(cuStreamDestroy_v2)           \
  X(cuEventCreate)                \
  X(cuEventDestroy_v2)            \
  X(cuEventRecord)                \
  X(cuEventQuery)                 \
  X(cuEventElapsedTime)           \
  X(cuDeviceCanAccessPeer)        \
  X(cuCtxEnablePeerAccess)

/// Those without which copies work too.
#define TBX_CUDA_OPTIONAL_CALLS(X) \
  X(cuDriverGetVersion)            \
  X(cuDeviceGetName)               \
  X(cuGetErrorString)

CUresult cuInit(unsigned int flags);
/// 1000 x major + 10 x minor.
CUresult cuDriverGetVersion(int *version);
CUresult cuGetErrorString(CUresult error, const char **text);
CUresult cuDeviceGetCount(int *count);
CUresult cuDeviceGet(CUdevice *device, int ordinal);
CUresult cuDeviceGetName(char *name, int size, CUdevice device);
/// `0000:41:00.0`.
CUresult cuDeviceGetPCIBusId(char *address, int size, CUdevice device);
CUresult cuDevicePrimaryCtxRetain(CUcontext *context, CUdevice device);
CUresult cuDevicePrimaryCtxRelease_v2(CUdevice device);
/// For the thread that calls.
CUresult cuCtxSetCurrent(CUcontext context);
CUresult cuMemAlloc_v2(CUdeviceptr *address, size_t bytes);
CUresult cuMemFree_v2(CUdeviceptr address);
CUresult cuMemHostRegister_v2(void *address, size_t bytes, unsigned int flags);
CUresult cuMemHostUnregister(void *address);
CUresult cuMemcpyHtoDAsync_v2(CUdeviceptr to, const void *from, size_t bytes, CUstream stream);
CUresult cuMemcpyDtoHAsync_v2(void *to, CUdeviceptr from, size_t bytes, CUstream stream);
CUresult cuMemcpyDtoDAsync_v2(CUdeviceptr to, CUdeviceptr from, size_t bytes, CUstream stream);
CUresult cuMemcpyPeerAsync(
    CUdeviceptr to, CUcontext toContext, CUdeviceptr from, CUcontext fromContext, size_t bytes,
    CUstream stream);
CUresult cuStreamCreate(CUstream *stream, unsigned int flags);
CUresult cuStreamDestroy_v2(CUstream stream);
CUresult cuEventCreate(CUevent *event, unsigned int flags);
CUresult cuEventDestroy_v2(CUevent event);
CUresult cuEventRecord(CUevent event, CUstream stream);
CUresult cuEventQuery(CUevent event);
/// Milliseconds between two events of one context, to about half a microsecond.
CUresult cuEventElapsedTime(float *milliseconds, CUevent start, CUevent end);
CUresult cuDeviceCanAccessPeer(int *canAccess, CUdevice device, CUdevice peer);
/// Lets the current context use the memory of another one.
CUresult cuCtxEnablePeerAccess(CUcontext peer, unsigned int flags);
