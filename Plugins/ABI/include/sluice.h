/* sluice.h - the plugin ABI of Sluice, revision 1.
 *
 * One header, no dependency but the C11 freestanding headers. Valid C11,
 * C++17 and importable by Swift, bindgen (Rust) and cgo (Go): no unions, no
 * bit-fields, no variadics, no C enums in signatures, no struct larger than
 * 16 bytes by value, no function-like macros that a binding would need.
 *
 * ---------------------------------------------------------------- contract
 *
 * C1  Shape. A plugin exports exactly one symbol, SLUICE_ENTRY_SYMBOL. The host
 *     exports none: everything a plugin may call arrives as a table of
 *     function pointers from sluice_host.find(). Nothing is resolved lazily, so
 *     a missing facility is a NULL at start-up and never a fault at request
 *     time.
 *
 * C2  Evolution. An interface id carries its revision ("sluice.log/1"). A table
 *     whose revision is 1 or more is frozen: no member is added, dropped, reordered
 *     or given a new meaning; a change ships as "/2" beside "/1". Revision 0 may
 *     still change with the host's minor version. A table that the host does not
 *     have is not found, a member that it does not have is NULL: nothing is there
 *     that only answers SLUICE_E_UNSUPPORTED. Data structs start with `size`; they
 *     may grow at the tail and a reader treats bytes beyond the writer's size as
 *     zero. Arrays of structs travel as sluice_list with a stride, so their elements
 *     may grow too. Zero always means the default. New values may be added to an
 *     integer code only where a plugin sends it to the host, or where the table says
 *     "other values: ignore".
 *
 * C3  Identity. A table marked BOUND belongs to one plugin instance and is the first
 *     argument of its own functions: log->write(log, ...). A copy of it is no table.
 *     Calls made after the instance has stopped are harmless and return
 *     SLUICE_E_GONE. Tables marked DIRECT are shared plain functions for the request
 *     path; their first argument (request id, buffer, reply) carries the identity.
 *
 * C4  Threads. Every function names who may call it.
 *       [lane]    the instance's own thread: life cycle, service calls, timers,
 *                 client events and source callbacks, one at a time. It may
 *                 block, and holds up nobody but its own instance.
 *       [worker]  the I/O loop that owns the request: filters, and service
 *                 mounts flagged INLINE. Never block it.
 *       [pool]    the host's bounded pool for blocking work.
 *       [any]     any thread of the process, also one made by the plugin.
 *     Different workers call one instance concurrently; one request or one
 *     filter stream is only ever entered by one thread at a time, and never
 *     re-entered from inside a call it made to the host.
 *
 * C5  Memory. A pointer handed over by either side is borrowed until the call
 *     returns, unless the table says otherwise. To keep bytes longer: copy them, or
 *     retain the sluice_buf that owns them. Neither side frees what the other
 *     allocated. Strings are UTF-8 spans without a terminating NUL, except
 *     interface/role ids and signatures, which are NUL-terminated ASCII. Header
 *     values are raw octets.
 *     A context (void *ctx) that a plugin hands over comes back in exactly one final
 *     call, which the table names; also when the instance stops. After a failure
 *     (status < 0) it is still the caller's, and nothing follows.
 *
 * C6  Failure. Functions return sluice_status: 0 success, > 0 success of another
 *     kind, < 0 failure. Set-up functions also fill a caller-owned sluice_error.
 *     No C++ exception, Rust panic, Go panic, Swift trap or longjmp may cross
 *     the boundary; one that does ends the process.
 *
 * C7  Process manners. A plugin does not install signal handlers, change the
 *     locale, working directory, umask or environment, call exit(), or keep a
 *     thread running after stop() has returned.
 *
 * C8  Trust. Plugins share the address space and are as trusted as the host.
 *     BOUND tables attribute and fence calls; they are not a sandbox.
 */
#ifndef SLUICE_H
#define SLUICE_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ========================================================================== */
/* 0. Versions and attributes                                                 */
/* ========================================================================== */

#define SLUICE_ABI_MAJOR 1       /* differs: refuse to load */
#define SLUICE_ABI_MINOR 0       /* host must be >= plugin's desc.needs_minor */
#define SLUICE_MAGIC 0x31554C53U /* the bytes "SLU1" in memory, little endian */

#define SLUICE_ENTRY_SYMBOL "sluice_plugin_entry"

#if defined(__GNUC__) || defined(__clang__)
#define SLUICE_EXPORT __attribute__((visibility("default"), used))
#else
#define SLUICE_EXPORT
#endif

/* ========================================================================== */
/* 1. Shared types                                                            */
/* ========================================================================== */

typedef int32_t sluice_status;

#define SLUICE_OK 0
#define SLUICE_PENDING 1      /* accepted, completes later */
#define SLUICE_DECLINED 2     /* not mine: try the next candidate */
#define SLUICE_E_INVALID (-1) /* bad argument */
#define SLUICE_E_UNSUPPORTED (-2)
#define SLUICE_E_GONE (-3)   /* request, call or instance no longer exists */
#define SLUICE_E_AGAIN (-4)  /* back-pressure: wait for the ready callback */
#define SLUICE_E_LIMIT (-5)  /* configured bound reached */
#define SLUICE_E_DENIED (-6) /* instance lacks the grant */
#define SLUICE_E_THREAD (-7) /* called on the wrong kind of thread */
#define SLUICE_E_STATE (-8)  /* not allowed in this state */
#define SLUICE_E_TIMEOUT (-9)
#define SLUICE_E_IO (-10)
#define SLUICE_E_EXISTS (-11)
#define SLUICE_E_NOTFOUND (-12)
#define SLUICE_E_NOMEM (-13)
#define SLUICE_E_CANCELED (-14)
#define SLUICE_E_TYPE (-15) /* signature or JSON type mismatch */
#define SLUICE_E_INTERNAL (-16)
#define SLUICE_E_BUSY (-17) /* too much waits already: try again after the next answer */

/* Borrowed bytes. {NULL,0} is "absent"; {non-NULL,0} is "present and empty". */
typedef struct sluice_span {
  const uint8_t *data;
  size_t len;
} sluice_span;

/* Reference-counted immutable bytes; see sluice_bytes_api. */
typedef struct sluice_buf sluice_buf;

/* Bytes, and who keeps them alive. owner == NULL: valid for this call only.
 * A receiver that needs the bytes later retains owner, or copies. */
typedef struct sluice_chunk {
  sluice_span bytes;
  sluice_buf *owner;
} sluice_chunk;

typedef struct sluice_header {
  sluice_span name; /* lower-case when coming from the host */
  sluice_span value;
  uint32_t flags; /* SLUICE_HEADER_* */
  uint32_t reserved;
} sluice_header;

#define SLUICE_HEADER_SENSITIVE 1u /* keep out of logs, never index (HPACK) */

typedef struct sluice_headers {
  const sluice_header *items;
  size_t count;
} sluice_headers;

/* Array of growable structs: element i is at (const char *)items + i*stride.
 * The reader copies min(stride, sizeof its own struct) and zero-fills. */
typedef struct sluice_list {
  const void *items;
  uint32_t count;
  uint32_t stride;
} sluice_list;

/* Caller-owned, fixed size: nothing to free, nothing to forget. */
#define SLUICE_ERROR_PATH_MAX 112
#define SLUICE_ERROR_TEXT_MAX 384
typedef struct sluice_error {
  uint32_t size; /* sizeof(sluice_error), set by the caller */
  sluice_status code;
  uint32_t path_len; /* JSON Pointer of the offending value, when there is one */
  uint32_t text_len;
  char path[SLUICE_ERROR_PATH_MAX];
  char text[SLUICE_ERROR_TEXT_MAX];
} sluice_error;

typedef struct sluice_field { /* structured log field / label */
  sluice_span key;
  sluice_span value;
} sluice_field;

/* [lane] why is SLUICE_OK: do it. SLUICE_E_CANCELED: it will not be done (any more); free
 * what ctx holds. */
typedef void (*sluice_task)(void *ctx, sluice_status why);
/* [pool] Blocking work. */
typedef void (*sluice_work)(void *ctx);
/* [any] The last reference to a wrapped buffer is gone; on an arbitrary host thread. */
typedef void (*sluice_release)(void *ctx);
/* [lane] revents has the POLL* bits that are true of fd; 0: the watch has ended, this is the
 * final call. */
typedef void (*sluice_ready)(void *ctx, int32_t fd, uint32_t revents);
/* [lane] [pool] A function of any type, cast to its real type by the one who knows it. */
typedef void (*sluice_fn)(void);

/* What sluice_exec_api.here answers. Other values: ignore. */
#define SLUICE_ON_LANE 0   /* the instance's lane */
#define SLUICE_ON_POOL 1   /* a thread of the pool */
#define SLUICE_ON_WORKER 2 /* an I/O loop */
#define SLUICE_ON_OTHER 3  /* any other thread, also one made by the plugin */

/* Tokens are plain integers with a generation inside: they cost nothing to
 * copy, may be kept for ever, and a stale one yields SLUICE_E_GONE. */
typedef uint64_t sluice_rid; /* an HTTP exchange */
typedef uint64_t sluice_cid; /* an outbound call */
typedef uint64_t sluice_tid; /* a timer or a watch */
#define SLUICE_NO_ID 0u

/* For durations: no limit at all. Zero is the default there, or "at once" where a
 * comment says so. A duration that ends beyond the clock's range is the same. */
#define SLUICE_NEVER UINT64_MAX

/* ========================================================================== */
/* 2. Entry and negotiation                                                   */
/* ========================================================================== */

/* Compared byte for byte (except the minors) before anything else is read.
 * A mismatch names the field: "plugin X: sizeof(sluice_header) is 40, host 48". */
typedef struct sluice_stamp {
  uint32_t magic;
  uint16_t abi_major;
  uint16_t abi_minor; /* of the header the plugin was compiled with */
  uint8_t pointer_bits;
  uint8_t little_endian;
  uint16_t sz_span;
  uint16_t sz_chunk;
  uint16_t sz_header;
  uint16_t sz_list;
  uint16_t sz_error;
} sluice_stamp;

/* [any] The stamp of this header. */
static inline sluice_stamp sluice_stamp_make(void) {
  sluice_stamp s;
  const uint16_t probe = 1;
  s.magic = SLUICE_MAGIC;
  s.abi_major = SLUICE_ABI_MAJOR;
  s.abi_minor = SLUICE_ABI_MINOR;
  s.pointer_bits = (uint8_t)(sizeof(void *) * 8);
  s.little_endian = *(const uint8_t *)&probe;
  s.sz_span = (uint16_t)sizeof(sluice_span);
  s.sz_chunk = (uint16_t)sizeof(sluice_chunk);
  s.sz_header = (uint16_t)sizeof(sluice_header);
  s.sz_list = (uint16_t)sizeof(sluice_list);
  s.sz_error = (uint16_t)sizeof(sluice_error);
  return s;
}

/* What the host tells before it trusts the plugin with anything. */
typedef struct sluice_hello {
  uint32_t size;
  sluice_stamp stamp;
  sluice_span host_name;
  sluice_span host_version;
} sluice_hello;

struct sluice_plugin_ops;

/* Static description; valid for the life of the process: a library is never
 * closed. */
typedef struct sluice_plugin_desc {
  uint32_t size;
  uint32_t flags;       /* SLUICE_PLUGIN_* */
  sluice_stamp stamp;   /* sluice_stamp_make() */
  uint16_t needs_minor; /* lowest host minor that will do */
  uint16_t reserved;
  sluice_span id;      /* reverse DNS, e.g. "io.example.k8s-source" */
  sluice_span version; /* SemVer of the plugin */
  sluice_span summary;
  sluice_span config_schema; /* JSON Schema (2020-12) text; absent: no config */
  sluice_span route_schema;  /* same for per-route filter config */
  sluice_list requires_ids;  /* of sluice_span: host interfaces without which create
                                would fail; the host refuses to start instead */
  const struct sluice_plugin_ops *ops;
} sluice_plugin_desc;

#define SLUICE_PLUGIN_SINGLETON 2u /* at most one instance per process */
#define SLUICE_PLUGIN_SWIFT 4u     /* uses a Swift runtime */
#define SLUICE_PLUGIN_GO 8u        /* brings a Go runtime: the host refuses a
                                      second plugin with this flag */

/* SLUICE_ENTRY_SYMBOL. [lane] Must be fast, start no thread, touch no file and be
 * callable more than once: it also runs in `sluice check`, in
 * `sluice plugin inspect` and first of all in a child process that may die of it.
 * NULL: the plugin does not want this host; err says why. */
typedef const sluice_plugin_desc *(*sluice_entry_fn)(const sluice_hello *hello,
                                                     sluice_error *err);

/* Defined by the plugin. Declared here so that every compiler checks it; in
 * Swift: `@c @implementation public func sluice_plugin_entry(...)`. [lane] */
#if defined(__GNUC__) || defined(__clang__)
__attribute__((visibility("default")))
#endif
const sluice_plugin_desc *sluice_plugin_entry(const sluice_hello *hello, sluice_error *err);

/* ========================================================================== */
/* 3. Life cycle                                                              */
/* ========================================================================== */

/* BOUND. The root of everything the host offers to this instance. */
typedef struct sluice_host {
  uint32_t size;
  uint16_t abi_major;
  uint16_t abi_minor;
  /* [any] The table for id, or NULL: unknown to this host, or not granted to
   * this instance. Valid until destroy() returns. Keep the pointer. */
  const void *(*find)(const struct sluice_host *self, const char *id);
} sluice_host;

/* With check_only, start() does not follow; of a source resync() is called once, and
 * what it commits is compiled and reported, but never installed. */
typedef struct sluice_instance {
  uint32_t size;
  uint32_t workers;       /* how many worker loops there are */
  sluice_span name;       /* instance name from the host's configuration */
  sluice_span config;     /* JSON text, already checked against config_schema */
  sluice_span state_dir;  /* private writable directory */
  uint32_t check_only;    /* 1: `sluice check`, see above */
  uint32_t restarts;      /* times this instance crashed the process recently */
  sluice_span config_dir; /* absolute folder of the configuration file: what relative
                             paths inside config start at */
} sluice_instance;

/* Answers of sluice_plugin_ops.traits. */

/* Two instances of it must not run at one time, also not in two processes that follow
 * each other, or beside the one that it replaces: it starts when the other has stopped,
 * and until then its mounts answer 503 with Retry-After. */
#define SLUICE_TRAIT_EXCLUSIVE 1u

/*  entry -> check_config -> create -> traits -> role -> start -> [reconfigure]* -> drain
 *        -> stop -> final calls -> destroy. A failed step is followed by destroy only if
 *  create had succeeded; what a failed create had handed over comes back at once after
 *  it. All [lane] unless noted. Unused members may be NULL.
 *  Final calls: once stop() has ended, whatever context the plugin still has with the
 *  host comes back, and then destroy() is called. When pool work, a wrapped buffer or a
 *  call does not come back, destroy() is not called: the instance stays in memory, and
 *  the log says so. */
typedef struct sluice_plugin_ops {
  uint32_t size;
  uint32_t reserved;

  /* [any] Pure: what the schema cannot say. No I/O. */
  sluice_status (*check_config)(sluice_span json, sluice_error *err);

  /* [lane] Build the instance; find() works from here on. No traffic, no threads. */
  sluice_status (*create)(const sluice_host *host, const sluice_instance *inst,
                          void **self, sluice_error *err);

  /* [lane] SLUICE_TRAIT_* of this instance, which may follow from its configuration. */
  uint32_t (*traits)(void *self);

  /* [lane] Which role does it play? Returns the role's ops or NULL; they are borrowed
   * until destroy(). Asked once per known role id, after create and before start. */
  const void *(*role)(void *self, const char *role_id);

  /* [lane] Begin work. Traffic may arrive once this has returned. */
  sluice_status (*start)(void *self, sluice_error *err);

  /* [lane] New configuration, already schema-checked. All or nothing: on failure the
   * old one stays in force. SLUICE_E_UNSUPPORTED: the host restarts the instance
   * (new create/start first, then drain/stop of the old). */
  sluice_status (*reconfigure)(void *self, sluice_span json, sluice_error *err);

  /* [lane] No new work will come. SLUICE_OK: idle already. SLUICE_PENDING: will call
   * sluice_exec_api.drained. At the deadline (absolute, monotonic; SLUICE_NEVER: none)
   * the host proceeds regardless. */
  sluice_status (*drain)(void *self, uint64_t deadline_ns);

  /* [lane] End all work and join every thread of the instance. SLUICE_OK: done.
   * SLUICE_PENDING: will call sluice_exec_api.stopped; meanwhile the lane turns, and
   * calls, timers and pool work go on. Calls of services that are open get cancel() and
   * done() first. Once it has ended, only final calls and destroy() follow. */
  sluice_status (*stop)(void *self, uint64_t deadline_ns);
  /* [lane] Free the instance; self is not used again. */
  void (*destroy)(void *self);
} sluice_plugin_ops;

/* ========================================================================== */
/* 4. Host interfaces for every plugin                                        */
/* ========================================================================== */

/* ---- bytes -------------------------------------------------------- DIRECT */

#define SLUICE_IF_BYTES "sluice.bytes/0"

typedef struct sluice_bytes_api {
  /* [any] One more reference. */
  void (*retain)(sluice_buf *buf);
  /* [any] One reference less. */
  void (*release)(sluice_buf *buf);
  /* [any] Lend plugin memory: release(ctx), the final call, runs once when the last
   * reference is gone. *out has one reference. owner is the plugin's sluice_host:
   * destroy() waits for the buffers of an instance. NULL: release touches nothing of
   * an instance, and nobody waits. */
  sluice_status (*wrap)(const sluice_host *owner, sluice_span bytes, sluice_release release,
                        void *ctx, sluice_buf **out);
  /* [any] *out has one reference. */
  sluice_status (*copy)(sluice_span bytes, sluice_buf **out);
  /* [any] The bytes, as long as the caller holds a reference. */
  sluice_span (*view)(sluice_buf *buf);
} sluice_bytes_api;

/* ---- log ----------------------------------------------------------- BOUND */

#define SLUICE_IF_LOG "sluice.log/0"

#define SLUICE_LOG_TRACE 0
#define SLUICE_LOG_DEBUG 1
#define SLUICE_LOG_INFO 2
#define SLUICE_LOG_WARN 3
#define SLUICE_LOG_ERROR 4

typedef struct sluice_log_api {
  /* Read with a relaxed load; below it, do not even build the message. */
  const uint8_t *threshold;
  /* [any] Copies. Instance and thread are added by the host. Past the instance's share
   * (limits.pluginLogLines) lines are dropped and counted, and the log says how many. */
  void (*write)(const struct sluice_log_api *self, int32_t level, sluice_span message,
                const sluice_field *fields, size_t nfields);
} sluice_log_api;

/* ---- metrics ------------------------------------------------------- BOUND */

#define SLUICE_IF_METRICS "sluice.metrics/0"

#define SLUICE_METRIC_COUNTER 0
#define SLUICE_METRIC_GAUGE 1
#define SLUICE_METRIC_HISTOGRAM 2

typedef struct sluice_metric_def {
  uint32_t size;
  int32_t kind;
  sluice_span name; /* exported as <host prefix>_<instance>_<name> */
  sluice_span help;
  sluice_span unit;
  const sluice_span *labels;
  uint32_t nlabels;
  uint32_t max_series;   /* 0: host default; above it the series "other" is used */
  const double *buckets; /* histogram upper bounds, ascending */
  uint32_t nbuckets;
  uint32_t reserved;
} sluice_metric_def;

/* One time series. `value` is updated in place with relaxed atomics, so the
 * request path makes no call at all. */
typedef struct sluice_cell {
  uint64_t value;
} sluice_cell;

typedef struct sluice_metrics_api {
  /* [lane] An equal definition again yields the same id. */
  sluice_status (*define)(const struct sluice_metrics_api *self,
                          const sluice_metric_def *def, uint32_t *id, sluice_error *err);
  /* [any] Look up or create a series; keep the result. Valid to destroy(). */
  sluice_status (*cell)(const struct sluice_metrics_api *self, uint32_t id,
                        const sluice_span *values, size_t nvalues, sluice_cell **out);
  /* [any] One observation of a histogram. */
  void (*observe)(const struct sluice_metrics_api *self, sluice_cell *histogram,
                  double value);
} sluice_metrics_api;

#if defined(__GNUC__) || defined(__clang__)
/* [any] */
static inline void sluice_cell_add(sluice_cell *c, uint64_t n) {
  __atomic_fetch_add(&c->value, n, __ATOMIC_RELAXED);
}
/* [any] */
static inline void sluice_cell_set(sluice_cell *c, uint64_t n) {
  __atomic_store_n(&c->value, n, __ATOMIC_RELAXED);
}
/* [any] Is this level written at all? */
static inline int32_t sluice_log_on(const sluice_log_api *l, int32_t level) {
  return level >= (int32_t)__atomic_load_n(l->threshold, __ATOMIC_RELAXED);
}
#endif

/* ---- health -------------------------------------------------------- BOUND */

#define SLUICE_IF_HEALTH "sluice.health/0"

#define SLUICE_HEALTH_STARTING 0 /* not ready yet */
#define SLUICE_HEALTH_READY 1
#define SLUICE_HEALTH_DEGRADED 2 /* serving, /readyz stays 200, shown as a warning */
#define SLUICE_HEALTH_FAILED 3   /* /readyz turns 503 */

typedef struct sluice_health_api {
  /* [any] A component is created by its first report. Until each component a
   * plugin reported is READY or DEGRADED, the host is not ready. */
  sluice_status (*report)(const struct sluice_health_api *self, sluice_span component,
                          int32_t state, sluice_span message);
  /* [any] Promise to call again within max_gap_ns; a missed promise reports
   * the component FAILED. 0 or SLUICE_NEVER withdraws the promise. */
  sluice_status (*beat)(const struct sluice_health_api *self, sluice_span component,
                        uint64_t max_gap_ns);
} sluice_health_api;

/* ---- execution and timers ------------------------------------------ BOUND */

#define SLUICE_IF_EXEC "sluice.exec/0"

typedef struct sluice_exec_api {
  /* [any] Monotonic clock, the one of every absolute time in this header. */
  uint64_t (*now_ns)(const struct sluice_exec_api *self);
  /* [any] SLUICE_ON_*: which kind of thread the caller is. */
  int32_t (*here)(const struct sluice_exec_api *self);
  /* [any] Run fn(ctx, SLUICE_OK) once on the lane: the final call. Order is kept per
   * calling thread. SLUICE_E_LIMIT: too many wait. SLUICE_E_GONE: stop() has ended. */
  sluice_status (*post)(const struct sluice_exec_api *self, sluice_task fn, void *ctx);
  /* [any] Run work(ctx) on the pool, then done(ctx, SLUICE_OK) on the lane: the final
   * call. SLUICE_E_CANCELED there: work was not begun. SLUICE_E_LIMIT when too much of
   * the instance's waits; instances share the threads fairly. */
  sluice_status (*blocking)(const struct sluice_exec_api *self, sluice_work work,
                            sluice_task done, void *ctx);
  /* [any] fn(ctx, SLUICE_OK) on the lane, first_ns from now, then every repeat_ns (0:
   * once). The final call is the only one of a timer that runs once; else, and when it
   * is cancelled, it is fn(ctx, SLUICE_E_CANCELED). first_ns SLUICE_NEVER: only the
   * final call. id may be NULL. */
  sluice_status (*timer)(const struct sluice_exec_api *self, uint64_t first_ns,
                         uint64_t repeat_ns, sluice_task fn, void *ctx, sluice_tid *id);
  /* [any] Watch a file descriptor of the plugin on the lane (level triggered, POLL*
   * bits). fd stays the plugin's: close it after the final call. id may be NULL. */
  sluice_status (*watch_fd)(const struct sluice_exec_api *self, int32_t fd, uint32_t events,
                            sluice_ready fn, void *ctx, sluice_tid *id);
  /* [any] End a timer or a watch. SLUICE_OK: the final call follows on the lane, later.
   * SLUICE_E_GONE: it has come, or is on its way. */
  sluice_status (*cancel)(const struct sluice_exec_api *self, sluice_tid id);
  /* [any] Answer to drain() == SLUICE_PENDING. */
  void (*drained)(const struct sluice_exec_api *self);
  /* [any] Answer to stop() == SLUICE_PENDING. */
  void (*stopped)(const struct sluice_exec_api *self);
} sluice_exec_api;

/* ---- outbound HTTP ------------------------------------------------- BOUND */

#define SLUICE_IF_CLIENT "sluice.client/0"

#define SLUICE_CALL_STREAM_BODY 1u /* body follows with write() */
#define SLUICE_CALL_FOLLOW 2u      /* follow redirects (GET/HEAD, <= 5) */
#define SLUICE_CALL_H2 4u          /* prefer HTTP/2 */
#define SLUICE_CALL_UPGRADE 8u     /* after 101 write() and body() carry raw bytes */
#define SLUICE_CALL_H2C 16u        /* HTTP/2 by prior knowledge on clear text or a
                                      unix socket (gRPC drivers); trailers in end() */

typedef struct sluice_call {
  uint32_t size;
  uint32_t flags;
  sluice_span method;
  sluice_span url;         /* http, https, or http+unix://<pct-encoded path>/... */
  sluice_span tls_profile; /* of the instance: by profile(), or by its configuration */
  sluice_span bearer_file; /* file re-read on change, sent as Authorization */
  sluice_headers headers;
  const sluice_chunk *body;
  size_t nbody;
  uint64_t connect_ns; /* 0: host default for each of the four; SLUICE_NEVER: no limit */
  uint64_t head_ns;    /* from the connection to the response head */
  uint64_t idle_ns;    /* between two pieces, of the request or the response */
  uint64_t total_ns;
  uint64_t max_body; /* 0: host default; SLUICE_NEVER: none; beyond it: SLUICE_FAIL_LIMIT */
} sluice_call;

/* What failed. Other values: ignore. */
#define SLUICE_FAIL_NONE 0
#define SLUICE_FAIL_CANCELED 1
#define SLUICE_FAIL_RESOLVE 2
#define SLUICE_FAIL_CONNECT 3
#define SLUICE_FAIL_TLS 4
#define SLUICE_FAIL_RESET 5 /* the connection ended before the response was whole */
#define SLUICE_FAIL_PROTOCOL 6
#define SLUICE_FAIL_LIMIT 7
#define SLUICE_FAIL_DENIED 8 /* the address is not allowed to this instance */
#define SLUICE_FAIL_TIMEOUT_CONNECT 9
#define SLUICE_FAIL_TIMEOUT_HEAD 10
#define SLUICE_FAIL_TIMEOUT_IDLE 11
#define SLUICE_FAIL_TIMEOUT_TOTAL 12
#define SLUICE_FAIL_FILE 13 /* bearer_file cannot be used */
#define SLUICE_FAIL_INTERNAL 14

typedef struct sluice_call_result {
  uint32_t size;
  sluice_status outcome; /* SLUICE_OK: a whole response arrived, whatever its status */
  int32_t failed;        /* SLUICE_FAIL_* */
  int32_t maybe_sent;    /* 0: the peer has certainly not received the request */
  int32_t http_status;   /* 0: no head arrived */
  uint32_t attempts;
  uint64_t connect_ns;
  uint64_t head_ns;
  uint64_t total_ns;
  uint64_t rx_bytes;
  uint64_t tx_bytes;
  sluice_span detail; /* a sentence: "tls: certificate verify failed ..." */
} sluice_call_result;

/* All members but end may be NULL. */
typedef struct sluice_call_events {
  uint32_t size;
  uint32_t reserved;
  /* [lane] Once; interim heads are not told, but 101 of an upgrade is. */
  void (*head)(void *ctx, sluice_cid id, int32_t http_status, sluice_headers headers);
  /* [lane] SLUICE_OK, or SLUICE_E_AGAIN: consumed, but pause until resume(). */
  sluice_status (*body)(void *ctx, sluice_cid id, const sluice_chunk *chunks, size_t n);
  /* [lane] After SLUICE_E_AGAIN or SLUICE_E_LIMIT from write(): there is room again. */
  void (*writable)(void *ctx, sluice_cid id);
  /* [lane] The final call. */
  void (*end)(void *ctx, sluice_cid id, sluice_headers trailers,
              const sluice_call_result *result);
} sluice_call_events;

#define SLUICE_TLS_INSECURE 1u /* verify nothing: for tests, and the log says so */

/* A TLS profile: what a call's certificate is checked with, and what it shows. */
typedef struct sluice_tls_profile {
  uint32_t size;
  uint32_t flags; /* SLUICE_TLS_* */
  sluice_span name;
  sluice_span ca_pem;      /* absent: the system's authorities */
  sluice_span cert_pem;    /* absent: no client certificate */
  sluice_span key_pem;
  sluice_span server_name; /* absent: the host of the URL */
} sluice_tls_profile;

typedef struct sluice_client_api {
  /* [any] Everything in call and events is copied or retained. On failure no
   * event follows. */
  sluice_status (*send)(const struct sluice_client_api *self, const sluice_call *call,
                        const sluice_call_events *events, void *ctx, sluice_cid *id,
                        sluice_error *err);
  /* [any] SLUICE_E_AGAIN: taken, but wait for writable() before more. SLUICE_E_LIMIT:
   * not taken, too much waits. SLUICE_END in flags with the last piece. */
  sluice_status (*write)(const struct sluice_client_api *self, sluice_cid id,
                         const sluice_chunk *chunks, size_t n, uint32_t flags);
  /* [any] Go on after SLUICE_E_AGAIN from body(). */
  sluice_status (*resume)(const struct sluice_client_api *self, sluice_cid id);
  /* [any] end() follows, with SLUICE_E_CANCELED. */
  sluice_status (*cancel)(const struct sluice_client_api *self, sluice_cid id);
  /* [any] Make a TLS profile of this instance, or replace the one of its name: calls
   * that follow use it. */
  sluice_status (*profile)(const struct sluice_client_api *self,
                           const sluice_tls_profile *profile, sluice_error *err);
} sluice_client_api;

/* ========================================================================== */
/* 5. HTTP exchanges (shared by services and filters)                 DIRECT  */
/* ========================================================================== */

#define SLUICE_IF_HTTP "sluice.http/0"

#define SLUICE_M_GET 1u
#define SLUICE_M_HEAD 2u
#define SLUICE_M_POST 4u
#define SLUICE_M_PUT 8u
#define SLUICE_M_DELETE 16u
#define SLUICE_M_PATCH 32u
#define SLUICE_M_OPTIONS 64u
#define SLUICE_M_CONNECT 128u
#define SLUICE_M_OTHER 256u

/* Filled by the host before the call: reading a request costs no crossing. It is valid,
 * with all it points at, for a service until done() has returned, for a filter until its
 * callback returns. Absent members were absent in the request. */
typedef struct sluice_request {
  uint32_t size;
  uint32_t method; /* one SLUICE_M_ bit */
  sluice_span method_name;
  sluice_span scheme;
  sluice_span authority;
  sluice_span path;   /* in its canonical form, as the route has rewritten it, without
                         the query */
  sluice_span suffix; /* what follows the matched prefix */
  sluice_span query;  /* without '?'; absent when there was none */
  sluice_headers headers;
  sluice_headers trailers; /* of a buffered body */
  int64_t content_length;  /* -1: unknown */
  uint32_t http_version;   /* 10, 11, 20 */
  uint32_t flags;          /* SLUICE_REQ_* */
  sluice_span peer;        /* "ip:port" after trusted-proxy handling */
  sluice_span sni;
  sluice_span client_cert; /* the verified identity of mTLS, as the host forwards it:
                              Hash=...;Subject="...";URI=...; absent without */
  sluice_span request_id;
  sluice_span route;        /* name of the matched route */
  sluice_span trace_parent; /* W3C traceparent */
  uint64_t arrived_ns;
  uint64_t deadline_ns; /* 0: none */
} sluice_request;

#define SLUICE_REQ_TLS 1u
#define SLUICE_REQ_END 2u     /* no body follows */
#define SLUICE_REQ_EXPECT 4u  /* Expect: 100-continue, not yet answered */
#define SLUICE_REQ_UPGRADE 8u /* the client would upgrade; see its header "upgrade" */

#define SLUICE_END 1u /* last piece of a body */

typedef struct sluice_response {
  uint32_t size;
  int32_t status;
  sluice_headers headers; /* framing headers are set by the host */
  const sluice_chunk *body;
  size_t nbody;
  sluice_span reason; /* short word for the access log */
} sluice_response;

/* Why an exchange ended; "other values: ignore". */
#define SLUICE_CLOSE_DONE 0
#define SLUICE_CLOSE_CLIENT 1 /* client went away */
#define SLUICE_CLOSE_TIMEOUT 2
#define SLUICE_CLOSE_OVERLOAD 3
#define SLUICE_CLOSE_UPSTREAM 4
#define SLUICE_CLOSE_PLUGIN 5 /* the plugin aborted or failed */
#define SLUICE_CLOSE_SHUTDOWN 6

typedef struct sluice_exchange {
  uint32_t size;
  int32_t status;
  int32_t close;
  uint32_t retries;
  uint64_t rx_bytes;
  uint64_t tx_bytes;
  uint64_t first_byte_ns;
  uint64_t total_ns;
  sluice_span upstream; /* "ip:port" */
} sluice_exchange;

/* Where a request goes that a service passes on. */
typedef struct sluice_forward {
  uint32_t size;
  uint32_t reserved;
  sluice_span source; /* the instance that has published the pool; absent: the one of the
                         route that brought the request, else the service's own */
  sluice_span pool;   /* its name */
  sluice_span path;   /* with the query; absent: as it is */
  sluice_headers set; /* each replaces all of its name */
  const sluice_span *remove;
  size_t nremove;
} sluice_forward;

/* Functions about one exchange, by its id, from whoever holds it: a service between
 * request() and done(), a filter between open() and close(). SLUICE_E_GONE when the
 * exchange is over (nothing leaks then), SLUICE_E_STATE when it was answered. */
typedef struct sluice_http_api {
  /* [any] First value of a header (n-th when there are several); absent: there is none.
   * Of a service: side SLUICE_REQUEST, valid until done() has returned. Of a filter: on
   * the worker, inside a callback, until the header set changes or it returns. */
  sluice_span (*header)(sluice_rid id, uint32_t side, sluice_span name, uint32_t nth);

  /* [any] Answer, whole. This and the next six act at once on the owning worker;
   * elsewhere they are queued and the worker is woken. err, which may be NULL, says what
   * is wrong with the answer; a right one may follow. */
  sluice_status (*respond)(sluice_rid id, const sluice_response *response,
                           sluice_error *err);
  /* [any] An interim answer, 102 to 199. */
  sluice_status (*inform)(sluice_rid id, int32_t status_1xx, sluice_headers headers,
                          sluice_error *err);
  /* [any] The head of an answer whose body follows with write() and finish(); framing
   * headers are set by the host. Pieces of one answer are sent in the order of the
   * calls: one thread at a time. 101, for a SLUICE_REQ_UPGRADE on a streaming mount,
   * with the header "upgrade": write() then sends raw bytes and body() brings them, the
   * end of either side by finish() and SLUICE_END. */
  sluice_status (*begin)(sluice_rid id, int32_t status, sluice_headers headers,
                         sluice_error *err);
  /* [any] A chunk with an owner is retained and sent without copying. SLUICE_E_AGAIN:
   * taken, but above the high-water mark; SLUICE_E_LIMIT: not taken, more would wait
   * than limits.serviceAnswerBuffer. After both wait for writable(). */
  sluice_status (*write)(sluice_rid id, const sluice_chunk *chunks, size_t n,
                         uint32_t flags);
  /* [any] The end of the body, with its trailers; write() with SLUICE_END does the same
   * without. */
  sluice_status (*finish)(sluice_rid id, sluice_headers trailers);
  /* [any] Break the exchange off: 502 before the head, a reset after it. The reason goes
   * to the access log. */
  sluice_status (*abort)(sluice_rid id, sluice_span reason);

  /* [any] Of a service: ask for more request body after SLUICE_E_AGAIN from body(). Of a
   * filter: end a hold of that side. */
  sluice_status (*resume)(sluice_rid id, uint32_t side);
  /* [any] The time by which the exchange must have ended: absolute, monotonic; can only
   * be moved nearer. */
  sluice_status (*deadline)(sluice_rid id, uint64_t deadline_ns);
  /* [any] Of a service, before it answers and, with a streaming mount, before it has
   * taken a piece: pass the request on to a pool as an ordinary proxied request. done()
   * follows with its end. */
  sluice_status (*forward)(sluice_rid id, const sluice_forward *forward, sluice_error *err);

  /* [any] Replaces all of this name. This and the next six are for filters, inside a
   * callback or while holding; outside a callback they are queued, in order, before the
   * resume() that follows. */
  sluice_status (*header_set)(sluice_rid id, uint32_t side, sluice_span name,
                              sluice_span value);
  /* [any] Adds one more. */
  sluice_status (*header_add)(sluice_rid id, uint32_t side, sluice_span name,
                              sluice_span value);
  /* [any] Removes all of this name. */
  sluice_status (*header_remove)(sluice_rid id, uint32_t side, sluice_span name);
  /* [any] query as in sluice_request: absent for none. */
  sluice_status (*path_set)(sluice_rid id, sluice_span path, sluice_span query);
  /* [any] Of the response, before its head has left. */
  sluice_status (*status_set)(sluice_rid id, int32_t status);
  /* [any] Replace what the current body callback delivered, or what is held. */
  sluice_status (*body_set)(sluice_rid id, uint32_t side, const sluice_chunk *chunks,
                            size_t n);
  /* [worker] All bytes held so far for side, as pieces; *n in: capacity, out: needed. */
  sluice_status (*held)(sluice_rid id, uint32_t side, sluice_chunk *out, size_t *n);
} sluice_http_api;

#define SLUICE_REQUEST 0u
#define SLUICE_RESPONSE 1u
#define SLUICE_TRAILERS 2u /* or-ed to a side, for header() */

/* ========================================================================== */
/* 6. Roles a plugin may play                                                 */
/* ========================================================================== */

/* ---- service: owns a part of the URL space -------------------------------- */

#define SLUICE_ROLE_SERVICE "sluice.service/0"

#define SLUICE_BODY_NONE 0     /* request body refused with 413 */
#define SLUICE_BODY_BUFFERED 1 /* request() is called once the body is complete */
#define SLUICE_BODY_STREAM 2   /* request() at the head, then body() per piece; the
                                  last has SLUICE_END and may be empty */

/* Without it, calls for this mount run on the instance's lane: a bounded queue
 * and a thread of its own, so that slow code holds up nobody else. With it they
 * run on the worker that owns the request: no hop, and never a wait. The
 * operator's configuration must allow it ("inline: true"). */
#define SLUICE_MOUNT_INLINE 1u

/* A client may end its sending side once its request is whole (a half-close) and
 * still wait for the answer; it may also have gone. Without this flag the host takes
 * such an end as gone: cancel() comes. With it the call goes on, and only a reset, a
 * timeout or the host's own limits cancel it. */
#define SLUICE_MOUNT_HALF_CLOSE 2u

/* A part of the URL space. It is reached in two ways: through a listener of the
 * host's own configuration that names the instance, and through a route of a source
 * with a backend {"plugin": instance}. The instance's `expose` setting says whose
 * routes may do that; a mount sees the path as the route has rewritten it, and where
 * no mount matches the answer is 404. */
typedef struct sluice_mount {
  uint32_t size;
  uint32_t methods;      /* SLUICE_M_ mask, 0: all; others get 405 with Allow; GET
                            includes HEAD, whose answer the host sends without body */
  sluice_span prefix;    /* "/v1/functions/"; longest prefix wins */
  sluice_span pattern;   /* optional, e.g. ":name/invoke" (one segment a name); else any */
  int32_t body;          /* SLUICE_BODY_* */
  uint32_t flags;        /* SLUICE_MOUNT_* */
  uint64_t max_body;     /* 413 above it */
  uint64_t head_ns;      /* 504 when the answer has not begun by then, the client's own
                            time apart; 0: limits.serviceTimeout; SLUICE_NEVER: none */
  uint64_t idle_ns;      /* the answer is broken off when the plugin writes nothing for
                            so long though there is room; 0, SLUICE_NEVER: none */
  uint64_t total_ns;     /* for the whole exchange; 0, SLUICE_NEVER: none */
  uint32_t max_inflight; /* 503 with Retry-After above it; 0: host default */
  uint32_t tag;          /* given back in request() */
} sluice_mount;

/* All members but mounts and request may be NULL. */
typedef struct sluice_service_ops {
  uint32_t size;
  uint32_t reserved;
  /* [lane] After create, before start; and again after reconfigure. List of sluice_mount,
   * borrowed until the next call. */
  sluice_status (*mounts)(void *self, sluice_list *out, sluice_error *err);
  /* [lane], or [worker] for a mount flagged INLINE; so all that follow. SLUICE_OK:
   * answered already. SLUICE_PENDING: will answer by id, from any thread.
   * SLUICE_DECLINED: 404 or the next route. < 0: 500, logged with what err says. *ctx is
   * handed to all later calls for this exchange; its final call is done(), unless it
   * was declined or failed. */
  sluice_status (*request)(void *self, sluice_rid id, uint32_t tag,
                           const sluice_request *request, const sluice_chunk *body,
                           size_t nbody, void **ctx, sluice_error *err);
  /* [lane] [worker] SLUICE_OK; SLUICE_E_AGAIN: taken, stop reading until resume(). */
  sluice_status (*body)(void *self, void *ctx, sluice_rid id, const sluice_chunk *chunks,
                        size_t n, uint32_t flags);
  /* [lane] [worker] Of a streamed body that has trailers: before the piece with
   * SLUICE_END. */
  void (*trailers)(void *self, void *ctx, sluice_rid id, sluice_headers trailers);
  /* [lane] [worker] After SLUICE_E_AGAIN or SLUICE_E_LIMIT from write(): there is room
   * again. */
  void (*writable)(void *self, void *ctx, sluice_rid id);
  /* [lane] [worker] The answer is no longer wanted, or could not be sent whole: it may
   * come after the plugin has answered. why is SLUICE_CLOSE_*. At most once, before
   * done(). From here on an answer is SLUICE_E_GONE. */
  void (*cancel)(void *self, void *ctx, sluice_rid id, int32_t why);
  /* [lane] [worker] Exactly once per request() that did not decline or fail, when the
   * last byte of the answer was sent or the exchange ended otherwise; this may be long
   * after the answer. The final call of ctx. */
  void (*done)(void *self, void *ctx, sluice_rid id, const sluice_exchange *x);
} sluice_service_ops;

/* ---- filter: looks at and changes passing messages ------------------------ */

#define SLUICE_ROLE_FILTER "sluice.filter/0"

typedef int32_t sluice_flow;
/* The id a filter is given names the exchange and the filter's own place in the
 * chain, so resume() can only end a hold of its own. */
#define SLUICE_GO 0       /* pass this part on */
#define SLUICE_HOLD 1     /* keep this part back, go on delivering later parts to
                             this filter; the host buffers up to the limit (413/502) */
#define SLUICE_STOP 2     /* keep back and stop reading: back-pressure */
#define SLUICE_ANSWERED 3 /* respond()/begin() was called: skip the rest */
#define SLUICE_SKIP 4     /* pass on, and do not call me again for this exchange */
/* HOLD and STOP end with sluice_http_api.resume(id, side), from any thread. Body
 * pieces that arrive during HOLD are delivered one by one and counted once:
 * chunks/n is always only the new piece, held() gives the sum. */

/* Members that `wants` does not ask for may be NULL. */
typedef struct sluice_filter_ops {
  uint32_t size;
  /* What this filter needs to see; unset parts are never delivered. */
  uint32_t wants; /* SLUICE_WANTS_* */
  /* [lane] Per-route configuration, checked against desc.route_schema. */
  sluice_status (*route_new)(void *self, sluice_span json, void **cfg, sluice_error *err);
  /* [lane] After the last exchange that used the route has let go of it: the final call
   * of cfg. */
  void (*route_free)(void *self, void *cfg);
  /* [worker] The request's head. *ctx is handed to all later calls; its final call is
   * close(), whatever open() answers. */
  sluice_flow (*open)(void *self, void *cfg, sluice_rid id, const sluice_request *request,
                      void **ctx);
  /* [worker] A piece of side's body; SLUICE_END in flags with the last one. */
  sluice_flow (*body)(void *self, void *ctx, sluice_rid id, uint32_t side,
                      const sluice_chunk *chunks, size_t n, uint32_t flags);
  /* [worker] The response's head; SLUICE_END in flags: no body follows. */
  sluice_flow (*response)(void *self, void *ctx, sluice_rid id, int32_t status,
                          sluice_headers headers, uint32_t flags);
  /* [worker] What follows side's body. */
  sluice_flow (*trailers)(void *self, void *ctx, sluice_rid id, uint32_t side,
                          sluice_headers trailers);
  /* [worker] Exactly once, last. */
  void (*close)(void *self, void *ctx, sluice_rid id, const sluice_exchange *x);
} sluice_filter_ops;

#define SLUICE_WANTS_REQUEST_BODY 1u
#define SLUICE_WANTS_RESPONSE 2u
#define SLUICE_WANTS_RESPONSE_BODY 4u
#define SLUICE_WANTS_TRAILERS 8u

/* ---- source: publishes routing -------------------------------------------- */

#define SLUICE_ROLE_SOURCE "sluice.source/0"
#define SLUICE_IF_ROUTING "sluice.routing/0" /* BOUND */

/* A source describes what it knows as documents: (kind, name) -> JSON,
 * checked by the host against the published JSON Schema of the kind. Kinds:
 *   "listener"  "certificate"  "trust"  "pool"  "endpoints"  "route"
 * Documents are owned by the instance that put them. References between them
 * are by name and are checked at commit. The endpoints of a pool may come in
 * several documents, one a slice, so that a change of one costs nothing more. */
typedef struct sluice_txn sluice_txn;

#define SLUICE_ISSUE_WARNING 0
#define SLUICE_ISSUE_OBJECT 1   /* the object was left out, the rest stands */
#define SLUICE_ISSUE_SNAPSHOT 2 /* the whole snapshot was refused */
#define SLUICE_ISSUE_CLEARED 3  /* nothing is wrong with it any more */

typedef struct sluice_issue {
  uint32_t size;
  int32_t severity;
  sluice_span kind; /* "listener", "route", ... */
  sluice_span name;
  sluice_span code;    /* stable word: "port-in-use", "unknown-pool", "bad-key" */
  sluice_span pointer; /* JSON Pointer into the document */
  sluice_span where;   /* as the source named it: "file:line" or "ns/name" */
  sluice_span source;  /* JSON Pointer into the person's own object, as the source gave it */
  sluice_span text;
} sluice_issue;

/* Where a part of a document comes from, for people. */
typedef struct sluice_origin {
  uint32_t size;
  uint32_t reserved;
  sluice_span pointer; /* into the document: this value, and what is in it */
  sluice_span where;   /* as sluice_document.where; absent: the same */
  sluice_span source;  /* JSON Pointer into the person's own object */
} sluice_origin;

typedef struct sluice_document {
  uint32_t size;
  uint32_t reserved;
  sluice_span kind;
  sluice_span name;
  sluice_span json;
  sluice_span where;   /* "routes/a.yaml:12", "ns/name"; may be absent */
  sluice_list origins; /* of sluice_origin; the longest pointer that fits a problem is
                          the one it is reported with */
} sluice_document;

/* The transaction lists everything: what is neither put nor kept goes, and so do notes
 * that are not said again. */
#define SLUICE_TXN_RESYNC 1u

typedef struct sluice_routing_api {
  /* [lane] Open a transaction; one at a time per instance (SLUICE_E_STATE). revision is
   * opaque text shown in /config. flags: SLUICE_TXN_*. */
  sluice_status (*begin)(const struct sluice_routing_api *self, sluice_span revision,
                         uint32_t flags, sluice_txn **out, sluice_error *err);
  /* [lane] Add or replace one document. Everything is copied. Parsing errors are
   * returned at once; references are checked by commit. */
  sluice_status (*put)(const struct sluice_routing_api *self, sluice_txn *txn,
                       const sluice_document *document, sluice_error *err);
  /* [lane] In a resync: the document of that name is as it was. SLUICE_E_NOTFOUND: there
   * is none in force or refused; put it. */
  sluice_status (*keep)(const struct sluice_routing_api *self, sluice_txn *txn,
                        sluice_span kind, sluice_span name);
  /* [lane] Take one document out; none of that name is no error. */
  sluice_status (*remove)(const struct sluice_routing_api *self, sluice_txn *txn,
                          sluice_span kind, sluice_span name);
  /* [lane] Say what the source itself left out, or serves in an older form: it is shown
   * beside the host's own issues in /config and `sluice check`, until it is replaced
   * under its key, taken back by unnote(), or not said in a resync. kind is that of the
   * document the object would have become. Everything is copied. SLUICE_E_LIMIT: there
   * are too many; the rest is left unsaid. */
  sluice_status (*note)(const struct sluice_routing_api *self, sluice_txn *txn,
                        sluice_span key, const sluice_issue *issue, sluice_error *err);
  /* [lane] Take a note back; none of that key is no error. */
  sluice_status (*unnote)(const struct sluice_routing_api *self, sluice_txn *txn,
                          sluice_span key);
  /* [lane] Ends the transaction, unless it answers SLUICE_E_BUSY: too many commits wait,
   * try again after committed(). SLUICE_PENDING: the host checks, compiles what changed
   * and swaps one pointer for all workers, away from the lane. No request sees half of
   * it. A document with an issue of severity OBJECT is left out (its previous version,
   * if there is one, stays in force) and the rest stands. Then [lane] issue(), which may
   * be NULL, for each verdict that has changed since this instance was last told, and
   * [lane] committed() exactly once, the final call. generation numbers the installed
   * snapshot; equal content keeps it; status < 0: the previous snapshot stays. */
  sluice_status (*commit)(const struct sluice_routing_api *self, sluice_txn *txn,
                          void (*issue)(void *ctx, const sluice_issue *issue),
                          void (*committed)(void *ctx, sluice_status status,
                                            uint64_t generation),
                          void *ctx);
  /* [lane] Ends the transaction; nothing happened. */
  void (*abandon)(const struct sluice_routing_api *self, sluice_txn *txn);
} sluice_routing_api;

typedef struct sluice_source_ops {
  uint32_t size;
  uint32_t required; /* 1: the host is not ready before its first accepted commit */
  /* [lane] POST /reload, and once in `sluice check`: forget caches, list everything
   * again, publish. */
  sluice_status (*resync)(void *self, sluice_error *err);
  /* [lane] Twice for a generation, unless a newer one overtakes it: with settled 0
   * when every worker routes by it, and with settled 1 when no exchange of an older
   * one is left (tunnels and streams apart). Write status back. May be NULL. */
  void (*installed)(void *self, uint64_t generation, uint32_t settled);
} sluice_source_ops;

/* ---- admin: operations on the admin listener ------------------------------- */

#define SLUICE_ROLE_ADMIN "sluice.admin/0"

/* Result builder, valid during the operation; DIRECT. All on the thread of the
 * operation. */
typedef struct sluice_reply sluice_reply;
typedef struct sluice_reply_api {
  /* [lane] [pool] A member of the open object, or an element (absent key) of the open array. */
  void (*text)(sluice_reply *r, sluice_span key, sluice_span value);
  /* [lane] [pool] So this, */
  void (*number)(sluice_reply *r, sluice_span key, double value);
  /* [lane] [pool] this, */
  void (*integer)(sluice_reply *r, sluice_span key, int64_t value);
  /* [lane] [pool] and this. */
  void (*boolean)(sluice_reply *r, sluice_span key, int32_t value);
  /* [lane] [pool] The same; value must be valid JSON. */
  void (*json)(sluice_reply *r, sluice_span key, sluice_span value);
  /* [lane] [pool] Opens a child: an array or an object. */
  void (*push)(sluice_reply *r, sluice_span key, int32_t array);
  /* [lane] [pool] Closes what push() opened. */
  void (*pop)(sluice_reply *r);
  /* [lane] [pool] The message that goes with a failing status. */
  void (*fail)(sluice_reply *r, sluice_span message);
} sluice_reply_api;
#define SLUICE_IF_REPLY "sluice.reply/0"

typedef struct sluice_param {
  uint32_t size;
  uint32_t optional;
  sluice_span name;
  sluice_span doc;
  sluice_span fallback; /* JSON text used when an optional one is missing */
} sluice_param;

#define SLUICE_OP_READ 0  /* GET  /plugins/<instance>/<op>?<params> */
#define SLUICE_OP_WRITE 1 /* POST /plugins/<instance>/<op> with a JSON object */

#define SLUICE_OPERATION_POOL 1u /* runs on the pool, not on the lane */
/* fn is a sluice_object_fn. The signature says the parameters' types all the same. */
#define SLUICE_OPERATION_OBJECT 2u

/* [lane] [pool] One function for any number of operations: arguments is a JSON object of all
 * parameters, checked, with fallbacks filled in. A text that is absent is left out. */
typedef sluice_status (*sluice_object_fn)(void *self, sluice_span operation,
                                          sluice_span arguments, sluice_reply *out);

/* A plain C function offered to the operator. The host derives the JSON
 * parsing, checks, help, `ctl` completion and OpenAPI from the signature and
 * calls fn through libffi: no plugin parses admin input by hand.
 *
 *   "i(sIJ)"  ->  sluice_status evict(void *self, sluice_span runtime,
 *                                  int64_t grace_ms, sluice_reply *out);
 *
 * Signatures are written i(ARGS), one letter each:
 *   b int32_t 0/1   i int32_t   u uint32_t   I int64_t   U uint64_t   d double
 *   s sluice_span by value      J sluice_reply *, once, last
 * The C function always has `void *self` in front of ARGS.
 *
 * OK: 200, PENDING: 202, E_INVALID/E_TYPE: 400, E_DENIED: 403, E_NOTFOUND: 404,
 * E_EXISTS/E_STATE: 409, E_LIMIT/E_BUSY: 429, E_TIMEOUT: 504, E_UNSUPPORTED: 501,
 * other: 500. */
typedef struct sluice_op {
  uint32_t size;
  int32_t access;
  sluice_span name;
  sluice_span doc;
  const char *signature;
  sluice_list params; /* of sluice_param, one per letter except J */
  sluice_fn fn;
  uint32_t flags; /* SLUICE_OPERATION_* */
  uint32_t reserved;
} sluice_op;

typedef struct sluice_admin_ops {
  uint32_t size;
  uint32_t reserved;
  /* [lane] List of sluice_op, borrowed for the life of the instance. */
  sluice_status (*operations)(void *self, sluice_list *out);
  /* [lane] State for GET /config and support bundles; secrets left out. */
  sluice_status (*dump)(void *self, sluice_reply *out);
} sluice_admin_ops;

/* ========================================================================== */
/* 7. Small helpers (no behaviour of their own)                               */
/* ========================================================================== */

/* [any] */
static inline sluice_span sluice_bytes(const void *data, size_t len) {
  sluice_span s;
  s.data = (const uint8_t *)data;
  s.len = len;
  return s;
}

/* [any] For string literals and other NUL-terminated text. */
static inline sluice_span sluice_text(const char *text) {
  size_t n = 0;
  if (text)
    while (text[n])
      n++;
  return sluice_bytes(text, n);
}

/* [any] */
static inline sluice_list sluice_items(const void *items, uint32_t count,
                                       uint32_t stride) {
  sluice_list l;
  l.items = items;
  l.count = count;
  l.stride = stride;
  return l;
}

/* Does a size-led struct from the other side reach as far as member? */
#define SLUICE_HAS(ptr, type, member) \
  ((ptr)->size >= offsetof(type, member) + sizeof((ptr)->member))

/* [any] How many bytes of text fit, without cutting a UTF-8 sequence in two. */
static inline uint32_t sluice_fit(sluice_span text, uint32_t room) {
  uint32_t n = room;
  if (text.len <= room)
    return (uint32_t)text.len;
  while (n > 0 && (text.data[n] & 0xC0) == 0x80)
    n--;
  return n;
}

/* [any] Fills err, where there is one, and returns code. pointer is the JSON Pointer of
 * the offending value, or absent. What does not fit is cut. */
static inline sluice_status sluice_fail_at(sluice_error *err, sluice_status code,
                                           sluice_span pointer, sluice_span text) {
  uint32_t i;
  if (!err || err->size < sizeof(sluice_error))
    return code;
  err->code = code;
  err->path_len = sluice_fit(pointer, SLUICE_ERROR_PATH_MAX);
  err->text_len = sluice_fit(text, SLUICE_ERROR_TEXT_MAX);
  for (i = 0; i < err->path_len; i++)
    err->path[i] = (char)pointer.data[i];
  for (i = 0; i < err->text_len; i++)
    err->text[i] = (char)text.data[i];
  return code;
}

/* [any] The same without a place. */
static inline sluice_status sluice_fail(sluice_error *err, sluice_status code,
                                        sluice_span text) {
  return sluice_fail_at(err, code, sluice_bytes(NULL, 0), text);
}

#if defined(__cplusplus)
} /* extern "C" */
#define SLUICE_ASSERT_SIZE(t, n) static_assert(sizeof(t) == (n), #t)
#else
#define SLUICE_ASSERT_SIZE(t, n) _Static_assert(sizeof(t) == (n), #t)
#endif

#if UINTPTR_MAX == 0xFFFFFFFFFFFFFFFFu
SLUICE_ASSERT_SIZE(sluice_span, 16);
SLUICE_ASSERT_SIZE(sluice_chunk, 24);
SLUICE_ASSERT_SIZE(sluice_header, 40);
SLUICE_ASSERT_SIZE(sluice_headers, 16);
SLUICE_ASSERT_SIZE(sluice_list, 16);
SLUICE_ASSERT_SIZE(sluice_error, 512);
SLUICE_ASSERT_SIZE(sluice_stamp, 20);
SLUICE_ASSERT_SIZE(sluice_cell, 8);
#endif

#endif /* SLUICE_H */
