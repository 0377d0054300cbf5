/* every, in C: the instance, and what the life cycle calls. */
#ifndef EVERY_H
#define EVERY_H

#include <poll.h>
#include <pthread.h>
#include <sluice.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define EVERY_MAX 128
#define EVERY_TABLES 9
#define EVERY_NULL INT32_MIN /* a member that is NULL */

typedef struct every {
  const sluice_host *host;
  const sluice_bytes_api *bytes;
  const sluice_log_api *log;
  const sluice_metrics_api *metrics;
  const sluice_health_api *health;
  const sluice_exec_api *exec;
  const sluice_client_api *client;
  const sluice_routing_api *routing;
  const sluice_http_api *http;
  const sluice_reply_api *reply;
  sluice_tid watch;
  sluice_rid streamed;
  char config_dir[4096];
  char state_dir[4096];
  pthread_mutex_t lock; /* workers record too */
  const char *names[EVERY_MAX];
  sluice_status statuses[EVERY_MAX];
  size_t count;
  const char *missing_ids[EVERY_TABLES];
  size_t missing;
} every;

/* Reads a file of the folder `every` beside the configuration; 0: it is not there. */
int every_read(every *e, const char *name, char *out, size_t room);
void every_report(every *e, char *out, size_t room);
void every_start(every *e);
void every_look(every *e);
sluice_status every_request(every *e, sluice_rid id, sluice_span suffix);
sluice_status every_body(every *e, sluice_rid id, uint32_t flags);
void every_open(every *e, sluice_rid id);
sluice_flow every_filter_body(every *e, sluice_rid id, uint32_t side, uint32_t flags);
void every_response(every *e, sluice_rid id);
sluice_status every_operation(void *self, sluice_reply *out);
sluice_status every_failing(void *self, sluice_reply *out);
void every_drained(void *ctx, sluice_status why);
void every_stopped(void *ctx, sluice_status why);

#endif
