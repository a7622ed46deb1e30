// A stand-in for libnvidia-ml.so.1 with cards that do not exist, for tests of the loader and of
// how answers are understood. It proves nothing about NVIDIA's library or a real card.
//
// Device 0 answers everything. Device 1 has what few cards have not. Device 2 cannot be opened.
// Device N from 3 on answers each question with the error code N. The declarations are written
// from NVIDIA's documentation once more, not shared with the loader, so that a slip shows.
#include <stdio.h>
#include <string.h>

#ifndef INIT
#define INIT 0
#endif

typedef struct { char legacy[16]; unsigned domain, bus, device, id, subsystem; char bus_id[32]; } pci;
typedef struct { unsigned long long total, free, used; } memory;
typedef struct { unsigned version; unsigned long long total, reserved, free, used; } memory2;
typedef struct { unsigned gpu, memory; } rates;
typedef struct { unsigned pid; unsigned long long used; unsigned gi, ci; } process;

#define DEVICES 30
static char devices[DEVICES];

static int number(void *device) { return (int)((char *)device - devices); }
static int answer(void *device) { return number(device) < 3 ? 0 : number(device); }

// A letter for each call, where a test wants to know.
static void tell(const char *letter) {
#ifdef LOG
  FILE *log = fopen(LOG, "a");
  if (log == NULL) return;
  fputs(letter, log);
  fclose(log);
#endif
}
int nvmlInit_v2(void) { tell("i"); return INIT; }
int nvmlShutdown(void) { tell("s"); return 0; }
#ifndef NO_COUNT
int nvmlDeviceGetCount_v2(unsigned *count) { *count = DEVICES; return 0; }
#endif
int nvmlDeviceGetHandleByIndex_v2(unsigned index, void **device) {
  if (index == 2) return 15;
  *device = &devices[index];
  return 0;
}
int nvmlDeviceGetPciInfo_v3(void *device, pci *info) {
  memset(info, 0, sizeof *info);
  // Domain of eight digits, as the library writes it.
  memcpy(info->bus_id, "00000000:41:00.0", 17);
  info->bus_id[9] = "0123456789"[number(device) / 10];
  info->bus_id[10] = "0123456789"[number(device) % 10];
  return 0;
}
int nvmlSystemGetDriverVersion(char *text, unsigned size) { strncpy(text, "570.86.15", size); return 0; }

#define ANSWER if (answer(device)) return answer(device)
#define TEXT(name, value) \
  int name(void *device, char *text, unsigned size) { ANSWER; strncpy(text, value, size); return 0; }
#define NUMBER(name, value) \
  int name(void *device, unsigned *number) { ANSWER; *number = value; return 0; }
TEXT(nvmlDeviceGetName, "NVIDIA GeForce RTX 4090")
TEXT(nvmlDeviceGetUUID, "GPU-00000000-1111-2222-3333-444444444444")
TEXT(nvmlDeviceGetVbiosVersion, "95.02.3c.00.8e")
#ifndef NO_POWER
NUMBER(nvmlDeviceGetPowerUsage, 61234)
#endif
static unsigned cap = 450000;
NUMBER(nvmlDeviceGetPowerManagementLimit, cap)
int nvmlDeviceSetPowerManagementLimit(void *device, unsigned limit) {
  ANSWER;
  if (number(device) == 1) return 4;
  if (limit < 150000 || limit > 600000) return 2;
  cap = limit;
  return 0;
}
static int persistence = 0;
int nvmlDeviceGetPersistenceMode(void *device, int *mode) { ANSWER; *mode = persistence; return 0; }
int nvmlDeviceSetPersistenceMode(void *device, int mode) {
  ANSWER;
  if (number(device) == 1) return 4;
  if (mode != 0 && mode != 1) return 2;
  persistence = mode;
  return 0;
}
NUMBER(nvmlDeviceGetPowerManagementDefaultLimit, 450000)
NUMBER(nvmlDeviceGetPcieReplayCounter, 3)
int nvmlDeviceGetPowerManagementLimitConstraints(void *device, unsigned *low, unsigned *high) {
  ANSWER; *low = 150000; *high = 600000; return 0;
}
int nvmlDeviceGetMemoryInfo(void *device, memory *m) {
  ANSWER; m->total = 25757220864; m->used = 1000; m->free = m->total - 1000; return 0;
}
#ifndef OLD
int nvmlDeviceGetMemoryInfo_v2(void *device, memory2 *m) {
  ANSWER;
  if (m->version != (sizeof *m | 2u << 24)) return 25;
  m->total = 25757220864; m->reserved = 300; m->used = 700; m->free = m->total - 1000; return 0;
}
int nvmlDeviceGetCurrentClocksEventReasons(void *device, unsigned long long *bits) {
  ANSWER; *bits = 0x24; return 0;
}
#endif
int nvmlDeviceGetCurrentClocksThrottleReasons(void *device, unsigned long long *bits) {
  ANSWER; *bits = 1; return 0;
}
int nvmlDeviceGetBAR1MemoryInfo(void *device, memory *m) {
  ANSWER; m->total = 34359738368; m->used = m->free = 0; return 0;
}
int nvmlDeviceGetTemperature(void *device, int sensor, unsigned *celsius) {
  ANSWER; if (sensor) return 2; *celsius = 41; return 0;
}
int nvmlDeviceGetTemperatureThreshold(void *device, int which, unsigned *celsius) {
  ANSWER; *celsius = which == 1 ? 97 : 100; return 0;
}
int nvmlDeviceGetClockInfo(void *device, int which, unsigned *mhz) {
  ANSWER; *mhz = which == 2 ? 10501 : 210; return 0;
}
int nvmlDeviceGetUtilizationRates(void *device, rates *r) { ANSWER; r->gpu = 87; r->memory = 12; return 0; }
int nvmlDeviceGetEccMode(void *device, int *current, int *pending) {
  ANSWER;
  if (number(device) == 0) return 3;  // A consumer card has none.
  *current = *pending = 1;
  return 0;
}
int nvmlDeviceGetTotalEccErrors(void *device, int kind, int counter, unsigned long long *count) {
  ANSWER; *count = kind * 10 + counter + 1; return 0;
}
int nvmlDeviceGetCudaComputeCapability(void *device, int *major, int *minor) {
  ANSWER; *major = 8; *minor = 9; return 0;
}
int nvmlDeviceGetComputeRunningProcesses_v3(void *device, unsigned *count, process *list) {
  ANSWER;
  unsigned have = number(device) == 1 ? 200 : 1;
  if (*count < have) { *count = have; return 7; }
  *count = have;
  for (unsigned i = 0; i < have; i++) list[i] = (process){4321 + i, 512 << 20, ~0u, ~0u};
  return 0;
}
int nvmlDeviceGetGraphicsRunningProcesses_v3(void *device, unsigned *count, process *list) {
  ANSWER;
  *count = 1;
  // The driver does not know how much: all ones.
  list[0] = (process){77, ~0ull, ~0u, ~0u};
  return 0;
}
#ifndef OLD
// A capability is the second GPU's number for reading and one more for writing, modulo 8.
int nvmlDeviceGetP2PStatus(void *from, void *to, int capability, int *status) {
  if (answer(from)) return answer(from);
  if (capability > 1) return 2;
  *status = (number(to) + capability) % 8;
  return 0;
}
#endif
