/* Counts heap allocations and Swift reference counting by thread, for LD_PRELOAD.
 *
 * What OpenSSL allocates by its CRYPTO_malloc and the like is counted apart: libssl and libcrypto
 * call these through their dynamic symbols. Where a libcrypto binds them inside itself, what it
 * allocates counts as the host's.
 *
 * The file named by SLUICE_COUNTERS is mapped: a head with the number of slots in use, then one
 * slot a thread. A reader finds the thread's name under /proc by the slot's thread id. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#define SLOTS 256

typedef struct slot {
  uint64_t thread;
  uint64_t allocations;
  uint64_t retains;
  uint64_t releases;
  uint64_t foreign;
} slot;

typedef struct table {
  _Atomic uint64_t used;
  uint64_t reserved[4];
  slot slots[SLOTS];
} table;

static table *counters;
static slot unmapped;
#define THREAD static __thread __attribute__((tls_model("initial-exec")))
THREAD slot *mine;
/* How many of OpenSSL's functions of allocation the thread is in. */
THREAD int depth;

__attribute__((constructor)) static void map(void) {
  const char *path = getenv("SLUICE_COUNTERS");
  int fd = path ? open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600) : -1;
  if (fd < 0 || ftruncate(fd, sizeof(table)) != 0)
    return;
  void *place = mmap(NULL, sizeof(table), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  close(fd);
  if (place != MAP_FAILED)
    counters = place;
}

static slot *here(void) {
  if (mine)
    return mine;
  if (!counters)
    return &unmapped;
  uint64_t index = atomic_fetch_add(&counters->used, 1);
  if (index >= SLOTS)
    return &unmapped;
  mine = &counters->slots[index];
  mine->thread = (uint64_t)syscall(SYS_gettid);
  return mine;
}

/* ---- the heap ---- */

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *old, size_t size);
extern void *__libc_memalign(size_t alignment, size_t size);

#define COUNTED __attribute__((visibility("default")))

static void allocated(void) {
  if (depth > 0)
    here()->foreign++;
  else
    here()->allocations++;
}

COUNTED void *malloc(size_t size) {
  allocated();
  return __libc_malloc(size);
}

COUNTED void *calloc(size_t count, size_t size) {
  allocated();
  return __libc_calloc(count, size);
}

COUNTED void *realloc(void *old, size_t size) {
  allocated();
  return __libc_realloc(old, size);
}

COUNTED void *aligned_alloc(size_t alignment, size_t size) {
  allocated();
  return __libc_memalign(alignment, size);
}

COUNTED void *memalign(size_t alignment, size_t size) {
  allocated();
  return __libc_memalign(alignment, size);
}

COUNTED int posix_memalign(void **out, size_t alignment, size_t size) {
  allocated();
  *out = __libc_memalign(alignment, size);
  return *out ? 0 : ENOMEM;
}

#define NEXT(name) ((__typeof__(&name))next(&next_##name, #name))

static void *next(void **kept, const char *name) {
  if (!*kept)
    *kept = dlsym(RTLD_NEXT, name);
  return *kept;
}

/* ---- OpenSSL ---- */

#define FOREIGN(name, parameters, arguments)                                                       \
  static void *next_##name;                                                                        \
  COUNTED void *name parameters {                                                                  \
    __typeof__(&name) function = NEXT(name);                                                       \
    depth++;                                                                                       \
    void *made = function arguments;                                                               \
    depth--;                                                                                       \
    return made;                                                                                   \
  }

#define PLACE const char *file, int line

FOREIGN(CRYPTO_malloc, (size_t size, PLACE), (size, file, line))
FOREIGN(CRYPTO_zalloc, (size_t size, PLACE), (size, file, line))
FOREIGN(CRYPTO_secure_malloc, (size_t size, PLACE), (size, file, line))
FOREIGN(CRYPTO_secure_zalloc, (size_t size, PLACE), (size, file, line))
FOREIGN(CRYPTO_realloc, (void *old, size_t size, PLACE), (old, size, file, line))
FOREIGN(CRYPTO_clear_realloc, (void *old, size_t before, size_t size, PLACE),
        (old, before, size, file, line))
FOREIGN(CRYPTO_memdup, (const void *data, size_t size, PLACE), (data, size, file, line))
FOREIGN(CRYPTO_strdup, (const char *text, PLACE), (text, file, line))
FOREIGN(CRYPTO_strndup, (const char *text, size_t size, PLACE), (text, size, file, line))

/* ---- Swift objects ---- */

#define RETAIN(name)                                                                               \
  static void *next_##name;                                                                        \
  COUNTED void *name(void *object) {                                                               \
    here()->retains++;                                                                             \
    return NEXT(name)(object);                                                                     \
  }

#define RETAIN_N(name)                                                                             \
  static void *next_##name;                                                                        \
  COUNTED void *name(void *object, uint32_t count) {                                               \
    here()->retains++;                                                                             \
    return NEXT(name)(object, count);                                                              \
  }

#define RELEASE(name)                                                                              \
  static void *next_##name;                                                                        \
  COUNTED void name(void *object) {                                                                \
    here()->releases++;                                                                            \
    NEXT(name)(object);                                                                            \
  }

#define RELEASE_N(name)                                                                            \
  static void *next_##name;                                                                        \
  COUNTED void name(void *object, uint32_t count) {                                                \
    here()->releases++;                                                                            \
    NEXT(name)(object, count);                                                                     \
  }

RETAIN(swift_retain)
RETAIN(swift_tryRetain)
RETAIN(swift_nonatomic_retain)
RETAIN(swift_bridgeObjectRetain)
RETAIN(swift_unownedRetain)
RETAIN_N(swift_retain_n)
RETAIN_N(swift_bridgeObjectRetain_n)
RELEASE(swift_release)
RELEASE(swift_nonatomic_release)
RELEASE(swift_bridgeObjectRelease)
RELEASE(swift_unownedRelease)
RELEASE_N(swift_release_n)
RELEASE_N(swift_bridgeObjectRelease_n)

static void *next_swift_allocObject;
COUNTED void *swift_allocObject(void *metadata, size_t size, size_t mask) {
  here()->allocations++;
  return NEXT(swift_allocObject)(metadata, size, mask);
}
