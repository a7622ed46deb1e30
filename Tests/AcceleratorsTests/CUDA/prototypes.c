// Compares what we declare of the CUDA driver API with NVIDIA's own header. Compiled with
// -DCUDA_HEADER="cuda.h": our prototypes (cuda_calls.h) stand behind NVIDIA's, and one that differs does not
// compile. Without it ours alone stand here. Either way it prints the layout of each type, and the two must
// be equal.
#include <stdio.h>

#ifdef CUDA_HEADER
#include CUDA_HEADER
#define VALUE(ours, theirs) _Static_assert((ours) == (theirs), #theirs)
// The values in Sources/Accelerators/CUDA.swift and CUDALane.swift.
VALUE(0, CUDA_SUCCESS);
VALUE(100, CUDA_ERROR_NO_DEVICE);
VALUE(600, CUDA_ERROR_NOT_READY);
VALUE(704, CUDA_ERROR_PEER_ACCESS_ALREADY_ENABLED);
VALUE(1, CU_STREAM_NON_BLOCKING);
VALUE(0, CU_EVENT_DEFAULT);
VALUE(1, CU_MEMHOSTREGISTER_PORTABLE);
#else
#include "cuda_types.h"
#endif
#include "cuda_calls.h"

// Each call of the lists has a prototype.
#define NAME(name) (void)sizeof(&name);
#define TYPE(type) printf(#type " %zu\n", sizeof(type))

int main(void) {
  TBX_CUDA_CALLS(NAME)
  TBX_CUDA_OPTIONAL_CALLS(NAME)
  TYPE(CUresult);
  TYPE(CUdevice);
  TYPE(CUdeviceptr);
  TYPE(CUcontext);
  TYPE(CUstream);
  TYPE(CUevent);
  return 0;
}
