/* sluice.h - the plugin ABI of Sluice, revision 0 (not frozen yet).
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
 * C2  Evolution. An interface id carries its revision ("sluice.log/1"). A
 *     released table is frozen: no member is added, dropped, reordered or
 *     given a new meaning; a change ships as "/2" beside "/1". Data structs
 *     start with `size`; they may grow at the tail and a reader treats bytes
 *     beyond the writer's size as zero. Arrays of structs travel as sluice_list
 *     with a stride, so their elements may grow too. Zero always means the
 *     default. New values may be added to an integer code only where a plugin
 *     sends it to the host, or where the table says "other values: ignore".
 *
 * C3  Identity. Tables marked BOUND are minted for one plugin instance: their
 *     functions take no handle and still know their caller. Calls made after
 *     the instance has stopped are harmless and return SLUICE_E_GONE. Tables
 *     marked DIRECT are shared plain functions for the request path; their
 *     first argument (request id, buffer, cell) carries the identity.
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
 *     returns. To keep bytes longer: copy them, or retain the sluice_buf that
 *     owns them. Neither side frees what the other allocated. Strings are
 *     UTF-8 spans without a terminating NUL, except interface/role ids, which
 *     are NUL-terminated ASCII. Header values are raw octets.
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

#define SLUICE_ABI_MAJOR 0       /* differs: refuse to load */
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

/* [lane] [worker] [pool] Runs where the call that took it says. */
typedef void (*sluice_task)(void *ctx);

/* Where a callback runs. >= 0 is a worker index. */
typedef int32_t sluice_target;
#define SLUICE_ON_LANE (-1)
#define SLUICE_ON_CALLER (-2) /* the current worker, or the lane when called elsewhere */
#define SLUICE_ON_POOL (-3)

/* Tokens are plain integers with a generation inside: they cost nothing to
 * copy, may be kept for ever, and a stale one yields SLUICE_E_GONE. */
typedef uint64_t sluice_rid; /* an HTTP exchange */
typedef uint64_t sluice_cid; /* an outbound call */
typedef uint64_t sluice_tid; /* a timer */
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
  const void *(*find)(const char *id);
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

/*  entry -> check_config -> create -> start -> [reconfigure]* -> drain -> stop
 *        -> destroy. A failed step is followed by destroy only if create had
 *  succeeded. All [lane] unless noted. Unused members may be NULL. */
typedef struct sluice_plugin_ops {
  uint32_t size;
  uint32_t reserved;

  /* [any] Pure: what the schema cannot say. No I/O. */
  sluice_status (*check_config)(sluice_span json, sluice_error *err);

  /* [lane] Build the instance; find() works from here on. No traffic, no threads. */
  sluice_status (*create)(const sluice_host *host, const sluice_instance *inst,
                          void **self, sluice_error *err);

  /* [lane] Which role does it play? Returns the role's ops or NULL. Asked once per
   * known role id, after create and before start. */
  const void *(*role)(void *self, const char *role_id);

  /* [lane] Begin work. Traffic may arrive once this has returned. */
  sluice_status (*start)(void *self, sluice_error *err);

  /* [lane] New configuration, already schema-checked. All or nothing: on failure the
   * old one stays in force. SLUICE_E_UNSUPPORTED: the host restarts the instance
   * (new create/start first, then drain/stop of the old). */
  sluice_status (*reconfigure)(void *self, sluice_span json, sluice_error *err);

  /* [lane] No new work will come. SLUICE_OK: idle already. SLUICE_PENDING: will call
   * sluice_exec_api.drained. At the deadline the host proceeds regardless. */
  sluice_status (*drain)(void *self, uint64_t deadline_ns);

  /* [lane] Join every thread of the instance. When this returns, no code of the
   * instance runs any more except in answer to destroy(). */
  void (*stop)(void *self);
  /* [lane] Free the instance; self is not used again. */
  void (*destroy)(void *self);
} sluice_plugin_ops;

/* ========================================================================== */
/* 4. Host interfaces for every plugin                                        */
/* ========================================================================== */

/* ---- bytes -------------------------------------------------------- DIRECT */

#define SLUICE_IF_BYTES "sluice.bytes/1"

typedef struct sluice_bytes_api {
  /* [any] One more reference. */
  void (*retain)(sluice_buf *buf);
  /* [any] One reference less. */
  void (*release)(sluice_buf *buf);
  /* [any] Lend plugin memory: release(ctx) runs once, on an arbitrary host
   * thread, when the last reference is gone. *out has one reference. */
  sluice_status (*wrap)(sluice_span bytes, sluice_task release, void *ctx, sluice_buf **out);
  /* [any] *out has one reference. */
  sluice_status (*copy)(sluice_span bytes, sluice_buf **out);
  /* [any] The bytes, as long as the caller holds a reference. */
  sluice_span (*view)(sluice_buf *buf);
} sluice_bytes_api;

/* ---- log ----------------------------------------------------------- BOUND */

#define SLUICE_IF_LOG "sluice.log/1"

#define SLUICE_LOG_TRACE 0
#define SLUICE_LOG_DEBUG 1
#define SLUICE_LOG_INFO 2
#define SLUICE_LOG_WARN 3
#define SLUICE_LOG_ERROR 4

typedef struct sluice_log_api {
  /* Read with a relaxed load; below it, do not even build the message. */
  const uint8_t *threshold;
  /* [any] Copies. Plugin id, instance and thread are added by the host. */
  void (*write)(int32_t level, sluice_span message, const sluice_field *fields,
                size_t nfields);
} sluice_log_api;

/* ---- metrics ------------------------------------------------------- BOUND */

#define SLUICE_IF_METRICS "sluice.metrics/1"

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
  sluice_status (*define)(const sluice_metric_def *def, uint32_t *id);
  /* [any] Look up or create a series; keep the result. Valid to destroy(). */
  sluice_status (*cell)(uint32_t id, const sluice_span *values, size_t nvalues,
                        sluice_cell **out);
  /* [any] One observation of a histogram. */
  void (*observe)(sluice_cell *histogram, double value);
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

#define SLUICE_IF_HEALTH "sluice.health/1"

#define SLUICE_HEALTH_STARTING 0 /* not ready yet */
#define SLUICE_HEALTH_READY 1
#define SLUICE_HEALTH_DEGRADED 2 /* serving, /readyz stays 200, shown as a warning */
#define SLUICE_HEALTH_FAILED 3   /* /readyz turns 503 */

typedef struct sluice_health_api {
  /* [any] A component is created by its first report. Until each component a
   * plugin reported is READY or DEGRADED, the host is not ready. */
  sluice_status (*report)(sluice_span component, int32_t state, sluice_span message);
  /* [any] Promise to call again within max_gap_ns; a missed promise reports
   * the component FAILED. 0 withdraws the promise. */
  sluice_status (*beat)(sluice_span component, uint64_t max_gap_ns);
} sluice_health_api;

/* ---- execution and timers ------------------------------------------ BOUND */

#define SLUICE_IF_EXEC "sluice.exec/1"

typedef struct sluice_exec_api {
  /* [any] Monotonic clock of the loops; cached per turn on a worker. */
  uint64_t (*now_ns)(void);
  /* [any] Index of the calling worker, SLUICE_ON_LANE, or SLUICE_ON_POOL for any
   * other thread. */
  sluice_target (*here)(void);
  /* [any] Run fn(ctx) once on target. Order is kept per calling thread and
   * target. SLUICE_E_GONE after stop(): ctx is then still the caller's. */
  sluice_status (*post)(sluice_target target, sluice_task fn, void *ctx);
  /* [any] Run work(ctx) on the pool, then done(ctx) on target. SLUICE_E_LIMIT
   * when the instance's queue is full. */
  sluice_status (*blocking)(sluice_task work, sluice_task done, void *ctx,
                            sluice_target target);
  /* [any] first_ns from now, then every repeat_ns (0: once). */
  sluice_status (*timer)(sluice_target target, uint64_t first_ns, uint64_t repeat_ns,
                         sluice_task fn, void *ctx, sluice_tid *id);
  /* [any] SLUICE_OK: fn will not run any more. SLUICE_PENDING: it is running now on
   * another thread. Called on the timer's own target it is always SLUICE_OK. */
  sluice_status (*untimer)(sluice_tid id);
  /* [any] Watch a file descriptor of the plugin (level triggered, POLL*
   * bits). fd stays the plugin's. untimer(id) ends the watch. */
  sluice_status (*watch_fd)(sluice_target target, int32_t fd, uint32_t events,
                            void (*fn)(void *ctx, int32_t fd, uint32_t revents),
                            void *ctx, sluice_tid *id);
  /* [any] Answer to drain() == SLUICE_PENDING. */
  void (*drained)(void);
} sluice_exec_api;

/* ---- outbound HTTP ------------------------------------------------- BOUND */

#define SLUICE_IF_CLIENT "sluice.client/1"

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
  sluice_span tls_profile; /* name of a TLS profile in the host's configuration */
  sluice_span bearer_file; /* file re-read on change, sent as Authorization */
  sluice_headers headers;
  const sluice_chunk *body;
  size_t nbody;
  uint64_t connect_ns; /* 0: host default for each of the four */
  uint64_t head_ns;    /* until the response head */
  uint64_t idle_ns;    /* between two body pieces; watch streams set this */
  uint64_t total_ns;
  uint64_t max_body;    /* 0: host default; beyond it: SLUICE_E_LIMIT */
  sluice_target target; /* where the events run */
  uint32_t reserved;
} sluice_call;

typedef struct sluice_call_result {
  uint32_t size;
  sluice_status outcome; /* SLUICE_OK: a whole response arrived, whatever its status */
  int32_t http_status;
  uint32_t attempts;
  uint64_t connect_ns;
  uint64_t head_ns;
  uint64_t total_ns;
  uint64_t rx_bytes;
  uint64_t tx_bytes;
  sluice_span detail; /* e.g. "tls: certificate verify failed" */
} sluice_call_result;

typedef struct sluice_call_events {
  uint32_t size;
  uint32_t reserved;
  /* [lane] [worker] As sluice_call.target says; so all four. */
  void (*head)(void *ctx, sluice_cid id, int32_t http_status, sluice_headers headers);
  /* [lane] [worker] SLUICE_OK, or SLUICE_E_AGAIN: consumed, but pause until resume(). */
  sluice_status (*body)(void *ctx, sluice_cid id, const sluice_chunk *chunks, size_t n);
  /* [lane] [worker] After SLUICE_E_AGAIN from write(): there is room again. */
  void (*writable)(void *ctx, sluice_cid id);
  /* [lane] [worker] Always, exactly once, last. */
  void (*end)(void *ctx, sluice_cid id, sluice_headers trailers,
              const sluice_call_result *result);
} sluice_call_events;

typedef struct sluice_client_api {
  /* [any] Everything in call and events is copied or retained. On failure no
   * event follows. */
  sluice_status (*send)(const sluice_call *call, const sluice_call_events *events,
                        void *ctx, sluice_cid *id);
  /* [any] SLUICE_E_AGAIN: taken, but wait for writable() before more. */
  sluice_status (*write)(sluice_cid id, const sluice_chunk *chunks, size_t n,
                         uint32_t end);
  /* [any] Go on after SLUICE_E_AGAIN from body(). */
  sluice_status (*resume)(sluice_cid id);
  /* [any] end() follows, with SLUICE_E_CANCELED. */
  sluice_status (*cancel)(sluice_cid id);
  /* [lane] Name a TLS profile of this instance's own, from PEM text; an empty
   * certificate means no client certificate. Replaces one of the same name. */
  sluice_status (*profile)(sluice_span name, sluice_span ca_pem,
                           sluice_span cert_pem, sluice_span key_pem,
                           sluice_span server_name, sluice_error *err);
} sluice_client_api;

/* ---- functions between plugins ------------------------------------- BOUND */

#define SLUICE_IF_REGISTRY "sluice.registry/1"

/* [lane] [pool] A function of any type, cast to its real type by the one who knows it. */
typedef void (*sluice_fn)(void);

/* Signatures are written RET(ARGS), one letter each:
 *   v void (RET only)   b int32_t 0/1     i int32_t   u uint32_t
 *   I int64_t           U uint64_t        d double    s sluice_span by value
 *   p const void *      J sluice_reply * (admin operations only, last)
 * The C function always has `void *self` in front of ARGS. */
typedef struct sluice_registry_api {
  /* [lane] Offer fn under name. Stays until stop(). */
  sluice_status (*offer)(sluice_span name, const char *signature, sluice_fn fn,
                         void *self);
  /* [lane] Get a callable for name. The signature must be equal, letter by
   * letter, else SLUICE_E_TYPE. *out takes ARGS only: the provider's self is
   * bound. It stays callable for the caller's whole life; once the provider is
   * gone it returns SLUICE_E_GONE (i), 0 or nothing. */
  sluice_status (*use)(sluice_span name, const char *signature, sluice_fn *out);
} sluice_registry_api;

/* ========================================================================== */
/* 5. HTTP exchanges (shared by services and filters)                 DIRECT  */
/* ========================================================================== */

#define SLUICE_IF_HTTP "sluice.http/1"

#define SLUICE_M_GET 1u
#define SLUICE_M_HEAD 2u
#define SLUICE_M_POST 4u
#define SLUICE_M_PUT 8u
#define SLUICE_M_DELETE 16u
#define SLUICE_M_PATCH 32u
#define SLUICE_M_OPTIONS 64u
#define SLUICE_M_CONNECT 128u
#define SLUICE_M_OTHER 256u

/* Filled by the host before the call: reading a request costs no crossing. */
typedef struct sluice_request {
  uint32_t size;
  uint32_t method; /* one SLUICE_M_ bit */
  sluice_span method_name;
  sluice_span scheme;
  sluice_span authority;
  sluice_span path;   /* as received, without the query */
  sluice_span suffix; /* what follows the matched prefix */
  sluice_span query;  /* without '?'; absent when there was none */
  sluice_headers headers;
  int64_t content_length; /* -1: unknown */
  uint32_t http_version;  /* 10, 11, 20 */
  uint32_t flags;         /* SLUICE_REQ_* */
  sluice_span peer;       /* "ip:port" after trusted-proxy handling */
  sluice_span sni;
  sluice_span client_cert_sha256; /* raw 32 octets, absent without mTLS */
  sluice_span request_id;
  sluice_span route;        /* name of the matched route */
  sluice_span trace_parent; /* W3C traceparent */
  uint64_t arrived_ns;
  uint64_t deadline_ns; /* 0: none */
} sluice_request;

#define SLUICE_REQ_TLS 1u
#define SLUICE_REQ_END 2u    /* no body follows */
#define SLUICE_REQ_EXPECT 4u /* Expect: 100-continue, not yet answered */

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

typedef struct sluice_http_api {
  /* [worker] First value of a header (n-th when there are several). The span
   * lives until the header set changes or the current callback returns. */
  sluice_span (*header)(sluice_rid id, uint32_t side, sluice_span name, uint32_t nth);

  /* [any] Answer, whole. This and the next five act at once on the owning worker;
   * elsewhere they are queued and the worker is woken. SLUICE_E_GONE when the
   * exchange is over (nothing leaks then), SLUICE_E_STATE when it was answered. */
  sluice_status (*respond)(sluice_rid id, const sluice_response *response);
  /* [any] An interim answer, 1xx but 101. */
  sluice_status (*inform)(sluice_rid id, int32_t status_1xx, sluice_headers headers);
  /* [any] The head of an answer whose body follows with write() and finish(); framing
   * headers are set by the host. Pieces of one answer are sent in the order of the
   * calls: one thread at a time. */
  sluice_status (*begin)(sluice_rid id, int32_t status, sluice_headers headers);
  /* [any] A chunk with an owner is retained and sent without copying. SLUICE_E_AGAIN:
   * taken, but above the high-water mark; SLUICE_E_LIMIT: not taken, too much waits.
   * After both wait for writable(). */
  sluice_status (*write)(sluice_rid id, const sluice_chunk *chunks, size_t n,
                         uint32_t flags);
  /* [any] The end of the body; write() with SLUICE_END does the same. */
  sluice_status (*finish)(sluice_rid id, sluice_headers trailers);
  /* [any] Break the exchange off: 502 before the head, a reset after it. */
  sluice_status (*abort)(sluice_rid id, sluice_span reason);

  /* [any] Ask for more request body after SLUICE_E_AGAIN from body(). */
  sluice_status (*resume)(sluice_rid id, uint32_t side);
  /* [any] Absolute, monotonic; can only be moved nearer than the route's. */
  sluice_status (*deadline)(sluice_rid id, uint64_t deadline_ns);
  /* [any] Pass the request on to a pool as an ordinary proxied request, with
   * optional replacement of path and headers. The service is done with it. */
  sluice_status (*forward)(sluice_rid id, sluice_span pool, sluice_span path,
                           sluice_headers set);

  /* [worker] Replaces all of this name. This and the next six are for filters only,
   * inside a callback or while holding. */
  sluice_status (*header_set)(sluice_rid id, uint32_t side, sluice_span name,
                              sluice_span value);
  /* [worker] Adds one more. */
  sluice_status (*header_add)(sluice_rid id, uint32_t side, sluice_span name,
                              sluice_span value);
  /* [worker] Removes all of this name. */
  sluice_status (*header_remove)(sluice_rid id, uint32_t side, sluice_span name);
  /* [worker] query as in sluice_request: absent for none. */
  sluice_status (*path_set)(sluice_rid id, sluice_span path, sluice_span query);
  /* [worker] Of the response, before its head has left. */
  sluice_status (*status_set)(sluice_rid id, int32_t status);
  /* [worker] Replace what the current body callback delivered, or what is held. */
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

#define SLUICE_ROLE_SERVICE "sluice.service/1"

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
  uint32_t methods;      /* SLUICE_M_ mask, 0: all; others get 405 with Allow */
  sluice_span prefix;    /* "/v1/functions/"; longest prefix wins */
  sluice_span pattern;   /* optional, e.g. ":name/invoke" (one segment a name); else any */
  int32_t body;          /* SLUICE_BODY_* */
  uint32_t flags;        /* SLUICE_MOUNT_* */
  uint64_t max_body;     /* 413 above it */
  uint64_t timeout_ns;   /* 504 when the answer has not begun by then; 0: host default;
                            SLUICE_NEVER: no limit */
  uint32_t max_inflight; /* 503 with Retry-After above it; 0: host default */
  uint32_t tag;          /* given back in request() */
} sluice_mount;

/* body, writable, cancel and done may be NULL. */
typedef struct sluice_service_ops {
  uint32_t size;
  uint32_t reserved;
  /* [lane] After create, before start; and again after reconfigure. List of sluice_mount,
   * borrowed until the next call. */
  sluice_status (*mounts)(void *self, sluice_list *out);
  /* [lane], or [worker] for a mount flagged INLINE; so all that follow. SLUICE_OK:
   * answered already. SLUICE_PENDING: will answer by id, from any thread.
   * SLUICE_DECLINED: 404 or the next route. < 0: 500, logged. *ctx is handed to all
   * later calls for this exchange. */
  sluice_status (*request)(void *self, sluice_rid id, uint32_t tag,
                           const sluice_request *request, const sluice_chunk *body,
                           size_t nbody, void **ctx);
  /* [lane] [worker] SLUICE_OK; SLUICE_E_AGAIN: taken, stop reading until resume(). */
  sluice_status (*body)(void *self, void *ctx, sluice_rid id, const sluice_chunk *chunks,
                        size_t n, uint32_t flags);
  /* [lane] [worker] After SLUICE_E_AGAIN from write(): there is room again. */
  void (*writable)(void *self, void *ctx, sluice_rid id);
  /* [lane] [worker] The answer is no longer wanted, or could not be sent whole: it may
   * come after the plugin has answered. At most once, before done(). From here on an
   * answer is SLUICE_E_GONE. */
  void (*cancel)(void *self, void *ctx, sluice_rid id, int32_t why);
  /* [lane] [worker] Exactly once per request() that did not decline or fail, when the
   * last byte of the answer was sent or the exchange ended otherwise; this may be long
   * after the answer. The last call that mentions ctx. A call that is still open when
   * stop() returns gets neither cancel() nor done(). */
  void (*done)(void *self, void *ctx, sluice_rid id, const sluice_exchange *x);
} sluice_service_ops;

/* ---- filter: looks at and changes passing messages ------------------------ */

#define SLUICE_ROLE_FILTER "sluice.filter/1"

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

typedef struct sluice_filter_ops {
  uint32_t size;
  /* What this filter needs to see; unset parts are never delivered. */
  uint32_t wants; /* SLUICE_WANTS_* */
  /* [lane] Per-route configuration, checked against desc.route_schema. */
  sluice_status (*route_new)(void *self, sluice_span json, void **cfg, sluice_error *err);
  /* [lane] After the last exchange that used the snapshot has ended. */
  void (*route_free)(void *self, void *cfg);
  /* [worker] The request's head. *ctx is handed to all later calls. */
  sluice_flow (*open)(void *self, void *cfg, sluice_rid id, const sluice_request *request,
                      void **ctx);
  /* [worker] A piece of side's body; SLUICE_END in flags with the last one. */
  sluice_flow (*body)(void *ctx, sluice_rid id, uint32_t side, const sluice_chunk *chunks,
                      size_t n, uint32_t flags);
  /* [worker] The response's head. */
  sluice_flow (*response)(void *ctx, sluice_rid id, int32_t status,
                          sluice_headers headers, uint32_t flags);
  /* [worker] What follows side's body. */
  sluice_flow (*trailers)(void *ctx, sluice_rid id, uint32_t side,
                          sluice_headers trailers);
  /* [worker] Exactly once, last. */
  void (*close)(void *ctx, sluice_rid id, const sluice_exchange *x);
} sluice_filter_ops;

#define SLUICE_WANTS_REQUEST_BODY 1u
#define SLUICE_WANTS_RESPONSE 2u
#define SLUICE_WANTS_RESPONSE_BODY 4u
#define SLUICE_WANTS_TRAILERS 8u

/* ---- source: publishes routing -------------------------------------------- */

#define SLUICE_ROLE_SOURCE "sluice.source/1"
#define SLUICE_IF_ROUTING "sluice.routing/1" /* BOUND */

/* A source describes what it knows as documents: (kind, name) -> JSON,
 * checked by the host against the published JSON Schema of the kind. Kinds:
 *   "listener"  "certificate"  "trust"  "pool"  "route"  "l4route"
 * Documents are owned by the instance that put them. References between them
 * are by name and are checked at commit. */
typedef struct sluice_txn sluice_txn;

#define SLUICE_ISSUE_WARNING 0
#define SLUICE_ISSUE_OBJECT 1   /* the object was left out, the rest stands */
#define SLUICE_ISSUE_SNAPSHOT 2 /* the whole snapshot was refused */

typedef struct sluice_issue {
  uint32_t size;
  int32_t severity;
  sluice_span kind; /* "listener", "route", ... */
  sluice_span name;
  sluice_span code;    /* stable word: "port-in-use", "unknown-pool", "bad-key" */
  sluice_span pointer; /* JSON Pointer into the document */
  sluice_span where;   /* as the source named it: "file:line" or "ns/name" */
  sluice_span text;
} sluice_issue;

typedef struct sluice_routing_api {
  /* [lane] Open a transaction; one at a time per instance
   * (SLUICE_E_STATE). revision is opaque text shown in /config. */
  sluice_status (*begin)(sluice_span revision, sluice_txn **out);
  /* [lane] Add or replace one document. Everything is copied. where says to people
   * where it came from ("routes/a.yaml:12", "ns/name"; may be absent) and comes
   * back in sluice_issue.where. Parsing errors are returned at once; references
   * are checked by commit. */
  sluice_status (*put)(sluice_txn *txn, sluice_span kind, sluice_span name,
                       sluice_span where, sluice_span json, sluice_error *err);
  /* [lane] Take one document out; none of that name is no error. */
  sluice_status (*remove)(sluice_txn *txn, sluice_span kind, sluice_span name);
  /* [lane] Forget all of this instance's documents first: for a full resync. */
  sluice_status (*clear)(sluice_txn *txn);
  /* [lane] Ends the transaction, whatever it answers. SLUICE_PENDING: the host
   * checks, compiles what changed and swaps one pointer for all workers, away from
   * the lane. No request sees half of it. A document with an issue of severity
   * OBJECT is left out (its previous version, if there is one, stays in force) and
   * the rest stands. Then [lane] issue() any number of times, and [lane] committed()
   * exactly once. generation numbers the installed snapshot; equal content keeps it;
   * status < 0: the previous snapshot stays. On failure neither is called. */
  sluice_status (*commit)(sluice_txn *txn,
                          void (*issue)(void *ctx, const sluice_issue *issue),
                          void (*committed)(void *ctx, sluice_status status,
                                            uint64_t generation),
                          void *ctx);
  /* [lane] Ends the transaction; nothing happened. */
  void (*abandon)(sluice_txn *txn);
  /* [lane] Say what the source itself left out, or serves in an older form: it is shown
   * beside the host's own issues in /config and `sluice check`. kind is that of the
   * document the object would have become. The notes of the newest accepted
   * transaction replace all earlier ones. Everything is copied. SLUICE_E_LIMIT: there
   * are too many; the rest is left unsaid. */
  sluice_status (*note)(sluice_txn *txn, const sluice_issue *issue, sluice_error *err);
} sluice_routing_api;

typedef struct sluice_source_ops {
  uint32_t size;
  uint32_t required; /* 1: the host is not ready before its first accepted commit */
  /* [lane] POST /reload, and once in `sluice check`: forget caches, list everything
   * again, publish. */
  sluice_status (*resync)(void *self);
  /* [lane] Twice for a generation, unless a newer one overtakes it: with settled 0
   * when every worker routes by it, and with settled 1 when no exchange of an older
   * one is left (tunnels and streams apart). Write status back. */
  void (*installed)(void *self, uint64_t generation, uint32_t settled);
} sluice_source_ops;

/* ---- admin: operations on the admin listener ------------------------------- */

#define SLUICE_ROLE_ADMIN "sluice.admin/1"

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
#define SLUICE_IF_REPLY "sluice.reply/1"

typedef struct sluice_param {
  uint32_t size;
  uint32_t optional;
  sluice_span name;
  sluice_span doc;
  sluice_span fallback; /* JSON text used when an optional one is missing */
} sluice_param;

#define SLUICE_OP_READ 0  /* GET  /plugins/<instance>/<op>?<params> */
#define SLUICE_OP_WRITE 1 /* POST /plugins/<instance>/<op> with a JSON object */

/* A plain C function offered to the operator. The host derives the JSON
 * parsing, checks, help, `ctl` completion and OpenAPI from the signature and
 * calls fn through libffi: no plugin parses admin input by hand.
 *
 *   "i(sIJ)"  ->  sluice_status evict(void *self, sluice_span runtime,
 *                                  int64_t grace_ms, sluice_reply *out);
 *
 * RET must be i. OK: 200, PENDING: 202, E_INVALID/E_TYPE: 400, E_DENIED: 403,
 * E_NOTFOUND: 404, E_EXISTS/E_STATE: 409, E_LIMIT: 429, E_TIMEOUT: 504,
 * E_UNSUPPORTED: 501, other: 500. */
typedef struct sluice_op {
  uint32_t size;
  int32_t access;
  sluice_span name;
  sluice_span doc;
  const char *signature;
  sluice_list params; /* of sluice_param, one per letter except J */
  sluice_fn fn;
  sluice_target target; /* SLUICE_ON_LANE or SLUICE_ON_POOL */
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

/* ---- observer: sees every finished exchange -------------------------------- */

#define SLUICE_ROLE_OBSERVER "sluice.observer/1"

typedef struct sluice_observer_ops {
  uint32_t size;
  uint32_t reserved;
  /* [worker] Once for each exchange, after its end. */
  void (*exchange)(void *self, const sluice_request *request,
                   const sluice_exchange *x);
} sluice_observer_ops;

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
