// Kernels that stream through memory, one function for each operation and kind of instruction.
//
// On x86-64 they are assembler: the instructions are those of the name whatever the compiler and its
// optimisation, so that a debug build measures the same, and no loop becomes a call of memcpy.
#pragma once
#include <stddef.h>
#include <stdint.h>

#if !defined(__clang__)
#define _Nonnull
#define _Nullable
#endif

/// What a kernel does. The destination is always `a`, so that the sources keep their known values.
typedef enum tbx_operation {
  TBX_COPY = 0,   // a = b
  TBX_SCALE = 1,  // a = scalar b
  TBX_ADD = 2,    // a = b + c
  TBX_TRIAD = 3,  // a = b + scalar c
  TBX_READ = 4,   // sum of b, as 64-bit integers
  TBX_WRITE = 5,  // a = scalar
} tbx_operation;

/// Instruction sets, as bits. TBX_PORTABLE is what the compiler makes of plain C.
enum {
  TBX_PORTABLE = 1,
  TBX_SSE2 = 2,
  TBX_AVX2 = 4,  // with FMA
  TBX_AVX512F = 8,
};

/// Sizes of a call are multiples of this many bytes, arrays are aligned to 64.
#define TBX_KERNEL_STEP 16384

/// A kernel: `bytes` of each array that it uses. Returns the sum where it reads, otherwise 0.
typedef uint64_t (*tbx_kernel_function)(
    double *_Nonnull a, const double *_Nonnull b, const double *_Nonnull c, double scalar,
    size_t bytes);

typedef struct tbx_kernel {
  /// Such as `avx2-nontemporal`, `sse2`, `avx512f-4streams`.
  const char *_Nonnull variant;
  tbx_operation operation;
  /// The one instruction set that it needs.
  int instructions;
  /// 1 where stores bypass the caches, so that no line is read before it is written.
  int nontemporal;
  tbx_kernel_function _Nonnull run;
} tbx_kernel;

/// Every kernel of this build; some need instructions that this CPU may lack.
const tbx_kernel *_Nonnull tbx_kernels(size_t *_Nonnull count);

/// The instruction sets that this CPU has and the kernel saves the registers of.
int tbx_instructions(void);

/// The same from the words themselves: CPUID leaf 1 ECX, leaf 7 EBX, and XCR0, which is 0 where
/// leaf 1 has no OSXSAVE.
int tbx_instructions_from(uint32_t leaf1_ecx, uint32_t leaf7_ebx, uint64_t xcr0);

/// Writes the known values to the slice at `first` (its index in elements) of `b` and `c`.
/// Returns the sum that a read of the slice of `b` must have.
uint64_t tbx_fill(double *_Nonnull b, double *_Nonnull c, size_t first, size_t bytes);

/// Sets every byte of a slice so that no element has a value that a kernel would write.
void tbx_poison(double *_Nonnull a, size_t bytes);

/// Counts the elements of a slice of `a` that do not have the value of the operation: every element,
/// or, where `samples` is not 0, the first, the last and so many chosen by `seed`.
size_t tbx_wrong(
    const double *_Nonnull a, tbx_operation operation, double scalar, size_t first, size_t bytes,
    size_t samples, uint64_t seed);
