/* A filter that does what its configuration for the route says, and writes down what it sees.
 * Of the instance: {"events":"/a/file","wants":15}. Of a route: {"script":"open:set=a=b,hold"}.
 * A script is a list of parts divided by ";", a part an event, ":" and actions divided by ",".
 * Events: open, reqbody, reqend, response, resbody, resend, reqtrailers,
     restrailers; those with
 * "end" are for the last piece of a body and fall back to those with "body".
 * Actions behind "later" are done by a thread of the plugin. */
#include "sluice.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdarg.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

typedef struct filter {
  const sluice_http_api *http;
  sluice_filter_ops ops;
  int file;
  atomic_int threads;
} filter;

typedef struct route {
  char script[512];
} route;

typedef struct stream {
  route *route;
  int bodies[2];
  char name[64];
} stream;

/* What a thread has still to do. */
typedef struct later {
  filter *self;
  sluice_rid id;
  uint32_t side;
  char actions[512];
  char name[64];
} later;

static sluice_flow act(filter *self, const char *name, sluice_rid id, uint32_t side,
    char *actions,
                       const sluice_chunk *chunks, size_t n);

static void note(filter *self, const char *format, ...) {
  char line[1024];
  va_list arguments;
  int length;
  va_start(arguments, format);
  length = vsnprintf(line, sizeof line - 1, format, arguments);
  va_end(arguments);
  line[length++] = '\n';
  if (write(self->file, line, (size_t)length) != length)
    abort();
}

static void *run(void *context) {
  later *work = context;
  struct timespec pause = {0, 20000000};
  nanosleep(&pause, NULL);
  act(work->self, work->name, work->id, work->side, work->actions, NULL, 0);
  atomic_fetch_sub(&work->self->threads, 1);
  free(work);
  return NULL;
}

static void start_thread(filter *self, const char *name, sluice_rid id, uint32_t side,
    const char *rest) {
  pthread_t thread;
  later *work = calloc(1, sizeof *work);
  work->self = self;
  work->id = id;
  work->side = side;
  snprintf(work->actions, sizeof work->actions, "%s", rest);
  snprintf(work->name, sizeof work->name, "%s", name);
  atomic_fetch_add(&self->threads, 1);
  if (pthread_create(&thread, NULL, run, work) != 0)
    abort();
  pthread_detach(thread);
}

static sluice_status replace(filter *self, sluice_rid id, uint32_t side,
    const sluice_chunk *chunks, size_t n) {
  size_t total = 0, place = 0, i, j;
  char *text;
  sluice_chunk out = {{NULL, 0}, NULL};
  sluice_status status;
  for (i = 0; i < n; i++)
    total += chunks[i].bytes.len;
  text = malloc(total + 1);
  for (i = 0; i < n; i++)
    for (j = 0; j < chunks[i].bytes.len; j++) {
      char letter = (char)chunks[i].bytes.data[j];
      text[place++] = letter >= 'a' && letter <= 'z' ? (char)(letter - 32) : letter;
    }
  out.bytes = sluice_bytes(text, total);
  status = self->http->body_set(id, side, &out, 1);
  free(text);
  return status;
}

static sluice_status replace_held(filter *self, sluice_rid id, uint32_t side) {
  sluice_chunk pieces[512];
  size_t count = 512;
  sluice_status status = self->http->held(id, side, pieces, &count);
  return status < 0 ? status : replace(self, id, side, pieces, count);
}

static void spin(long milliseconds) {
  struct timespec begin, now;
  clock_gettime(CLOCK_MONOTONIC, &begin);
  do
    clock_gettime(CLOCK_MONOTONIC, &now);
  while ((now.tv_sec - begin.tv_sec) * 1000 + (now.tv_nsec - begin.tv_nsec) / 1000000 <
         milliseconds);
}

static sluice_status respond(filter *self, sluice_rid id, int status) {
  sluice_response response = {.size = sizeof response};
  sluice_header header = {sluice_text("x-from"), sluice_text("filter"), 0, 0};
  sluice_chunk body = {sluice_text("filter"), NULL};
  response.status = status;
  response.headers.items = &header;
  response.headers.count = 1;
  response.body = &body;
  response.nbody = 1;
  return self->http->respond(id, &response, NULL);
}

static sluice_status answer_in_pieces(filter *self, sluice_rid id) {
  sluice_headers none = {NULL, 0};
  sluice_chunk first = {sluice_text("first "), NULL}, second = {sluice_text("second"), NULL};
  sluice_status status = self->http->begin(id, 203, none, NULL);
  if (status < 0)
    return status;
  self->http->write(id, &first, 1, 0);
  return self->http->write(id, &second, 1, SLUICE_END);
}

/* One action; its flow, or -1 when it is none. */
static sluice_flow one(filter *self, const char *name, sluice_rid id, uint32_t side,
    char *action,
                       const sluice_chunk *chunks, size_t n) {
  char *value = strchr(action, '='), *more;
  sluice_status status = SLUICE_OK;
  if (value)
    *value++ = 0;
  if (strcmp(action, "go") == 0) return SLUICE_GO;
  if (strcmp(action, "hold") == 0) return SLUICE_HOLD;
  if (strcmp(action, "stop") == 0) return SLUICE_STOP;
  if (strcmp(action, "skip") == 0) return SLUICE_SKIP;
  if (strcmp(action, "answered") == 0) return SLUICE_ANSWERED;
  if (strcmp(action, "bad") == 0) return 99;
  if (strcmp(action, "set") == 0 || strcmp(action, "add") == 0) {
    more = value ? strchr(value, '=') : NULL;
    if (!more) return -1;
    *more++ = 0;
    status = (action[0] == 's' ? self->http->header_set : self->http->header_add)(
        id, side, sluice_text(value), sluice_text(more));
  } else if (strcmp(action, "remove") == 0) {
    status = self->http->header_remove(id, side, sluice_text(value));
  } else if (strcmp(action, "path") == 0) {
    more = strchr(value, '?');
    if (more) *more++ = 0;
    status = self->http->path_set(id, sluice_text(value),
                                  more ? sluice_text(more) : sluice_bytes(NULL, 0));
  } else if (strcmp(action, "status") == 0) {
    status = self->http->status_set(id, atoi(value));
  } else if (strcmp(action, "body") == 0) {
    sluice_chunk chunk = {sluice_text(value), NULL};
    status = self->http->body_set(id, side, &chunk, 1);
  } else if (strcmp(action, "upper") == 0) {
    status = replace(self, id, side, chunks, n);
  } else if (strcmp(action, "held") == 0) {
    status = replace_held(self, id, side);
  } else if (strcmp(action, "resume") == 0) {
    status = self->http->resume(id, side);
  } else if (strcmp(action, "respond") == 0) {
    status = respond(self, id, atoi(value));
  } else if (strcmp(action, "stream") == 0) {
    status = answer_in_pieces(self, id);
  } else if (strcmp(action, "abort") == 0) {
    status = self->http->abort(id, sluice_text("test"));
  } else if (strcmp(action, "spin") == 0) {
    spin(atol(value));
  } else if (strcmp(action, "header") == 0) {
    sluice_span found = self->http->header(id, side, sluice_text(value), 0);
    note(self, "{\"name\":\"%s\",\"event\":\"header\",\"value\":\"%.*s\"}", name,
        (int)found.len,
         found.data ? (const char *)found.data : "");
  }
  if (status != SLUICE_OK)
    note(self, "{\"name\":\"%s\",\"event\":\"status\",\"of\":\"%s\",\"status\":%d}", name,
        action, status);
  return -1;
}

static sluice_flow act(filter *self, const char *name, sluice_rid id, uint32_t side,
    char *actions,
                       const sluice_chunk *chunks, size_t n) {
  sluice_flow flow = SLUICE_GO, found;
  char *rest = actions, *action;
  while ((action = strsep(&rest, ",")) != NULL) {
    if (strcmp(action, "later") == 0) {
      start_thread(self, name, id, side, rest ? rest : "");
      break;
    }
    found = one(self, name, id, side, action, chunks, n);
    if (found >= 0)
      flow = found;
  }
  return flow;
}

/* The part of the script for an event, in memory of the caller. */
static int find(const route *route, const char *event, char *out, size_t room) {
  char copy[512], *rest = copy, *part;
  size_t length = strlen(event);
  if (!route)
    return 0;
  snprintf(copy, sizeof copy, "%s", route->script);
  while ((part = strsep(&rest, ";")) != NULL)
    if (strncmp(part, event, length) == 0 && part[length] == ':') {
      snprintf(out, room, "%s", part + length + 1);
      return 1;
    }
  return 0;
}

static sluice_flow play(filter *self, stream *stream, const char *event, const char *other,
    sluice_rid id,
                        uint32_t side, const sluice_chunk *chunks, size_t n) {
  char actions[512];
  if (find(stream->route, event, actions, sizeof actions) ||
      (other && find(stream->route, other, actions, sizeof actions)))
    return act(self, stream->name, id, side, actions, chunks, n);
  return SLUICE_GO;
}

static sluice_flow opened(void *context, void *cfg, sluice_rid id,
    const sluice_request *request, void **ctx) {
  filter *self = context;
  stream *stream = calloc(1, sizeof *stream);
  size_t i;
  stream->route = cfg;
  snprintf(stream->name, sizeof stream->name, "%.*s", (int)request->path.len,
      (const char *)request->path.data);
  for (i = 0; i < request->headers.count; i++)
    if (request->headers.items[i].name.len == 6 && memcmp(request->headers.items[i].name.data,
        "x-name", 6) == 0)
      snprintf(stream->name, sizeof stream->name, "%.*s",
          (int)request->headers.items[i].value.len,
               (const char *)request->headers.items[i].value.data);
  *ctx = stream;
  note(self, "{\"name\":\"%s\",\"event\":\"open\",\"id\":\"%.*s\",\"route\":\"%.*s\","
      "\"flags\":%u,\"script\":\"%s\"}",
       stream->name, (int)request->request_id.len, (const char *)request->request_id.data,
       (int)request->route.len, (const char *)request->route.data, request->flags,
       stream->route ? stream->route->script : "");
  return play(self, stream, "open", NULL, id, SLUICE_REQUEST, NULL, 0);
}

static sluice_flow body(void *context, void *ctx, sluice_rid id, uint32_t side,
    const sluice_chunk *chunks,
                        size_t n, uint32_t flags) {
  static const char *const pieces[] = {"reqbody", "resbody"}, *const ends[] = {"reqend",
      "resend"};
  filter *self = context;
  stream *stream = ctx;
  size_t total = 0, i;
  int isEnd = (flags & SLUICE_END) != 0;
  for (i = 0; i < n; i++)
    total += chunks[i].bytes.len;
  note(self, "{\"name\":\"%s\",\"event\":\"%s\",\"bytes\":%zu,\"end\":%d}", stream->name,
      pieces[side], total, isEnd);
  return play(self, stream, isEnd ? ends[side] : pieces[side], pieces[side], id, side, chunks,
      n);
}

static sluice_flow response(void *context, void *ctx, sluice_rid id, int32_t status,
    sluice_headers headers,
                            uint32_t flags) {
  filter *self = context;
  stream *stream = ctx;
  note(self, "{\"name\":\"%s\",\"event\":\"response\",\"status\":%d,\"headers\":%zu,"
      "\"end\":%d}", stream->name,
       status, headers.count, (flags & SLUICE_END) != 0);
  return play(self, stream, "response", NULL, id, SLUICE_RESPONSE, NULL, 0);
}

static sluice_flow trailers(void *context, void *ctx, sluice_rid id, uint32_t side,
    sluice_headers headers) {
  filter *self = context;
  stream *stream = ctx;
  const char *event = side == SLUICE_REQUEST ? "reqtrailers" : "restrailers";
  note(self, "{\"name\":\"%s\",\"event\":\"%s\",\"count\":%zu}", stream->name, event,
      headers.count);
  return play(self, stream, event, NULL, id, side, NULL, 0);
}

static void closed(void *context, void *ctx, sluice_rid id, const sluice_exchange *x) {
  filter *self = context;
  stream *stream = ctx;
  (void)id;
  note(self, "{\"name\":\"%s\",\"event\":\"close\",\"status\":%d,\"why\":%d}", stream->name,
      x->status, x->close);
  free(stream);
}

static void text(sluice_span json, const char *name, char *out, size_t room) {
  char copy[2048] = {0}, key[64], *found, *end;
  memcpy(copy, json.data, json.len < sizeof copy ? json.len : sizeof copy - 1);
  snprintf(key, sizeof key, "\"%s\":\"", name);
  if ((found = strstr(copy, key)) == NULL)
    return;
  found += strlen(key);
  if ((end = strchr(found, '"')) != NULL)
    *end = 0;
  snprintf(out, room, "%s", found);
}

static sluice_status route_new(void *context, sluice_span json, void **cfg, sluice_error *err) {
  filter *self = context;
  route *made = calloc(1, sizeof *made);
  text(json, "script", made->script, sizeof made->script);
  if (strstr(made->script, "refuse")) {
    free(made);
    return sluice_fail_at(err, SLUICE_E_INVALID, sluice_text("/script"),
        sluice_text("expected no refuse"));
  }
  if (strstr(made->script, "slow"))
    sleep(1);
  note(self, "{\"name\":\"%s\",\"event\":\"route_new\"}", made->script);
  *cfg = made;
  return SLUICE_OK;
}

static void route_free(void *context, void *cfg) {
  note(context, "{\"name\":\"%s\",\"event\":\"route_free\"}", ((route *)cfg)->script);
  free(cfg);
}

static sluice_status create(const sluice_host *host, const sluice_instance *inst, void **out,
    sluice_error *err) {
  char path[512] = {0}, copy[1024] = {0}, *wants;
  filter *self = calloc(1, sizeof *self);
  (void)err;
  self->http = host->find(host, SLUICE_IF_HTTP);
  text(inst->config, "events", path, sizeof path);
  self->file = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  memcpy(copy, inst->config.data,
      inst->config.len < sizeof copy ? inst->config.len : sizeof copy - 1);
  wants = strstr(copy, "\"wants\":");
  self->ops = (sluice_filter_ops){
      .size = sizeof self->ops, .wants = wants ? (uint32_t)atoi(wants + 8) : 0,
          .route_new = route_new,
      .route_free = route_free, .open = opened, .body = body, .response = response,
          .trailers = trailers,
      .close = closed};
  *out = self;
  return SLUICE_OK;
}

static const void *role(void *context, const char *id) {
  filter *self = context;
  return strcmp(id, SLUICE_ROLE_FILTER) == 0 ? &self->ops : NULL;
}

static sluice_status stop(void *context, uint64_t deadline) {
  filter *self = context;
  struct timespec pause = {0, 1000000};
  (void)deadline;
  while (atomic_load(&self->threads) > 0)
    nanosleep(&pause, NULL);
  note(self, "{\"name\":\"\",\"event\":\"stop\"}");
  return SLUICE_OK;
}

static void destroy(void *context) {
  filter *self = context;
  note(self, "{\"name\":\"\",\"event\":\"destroy\"}");
  close(self->file);
  free(self);
}

const sluice_plugin_desc *sluice_plugin_entry(const sluice_hello *hello, sluice_error *err) {
  static const sluice_plugin_ops ops = {
      .size = sizeof ops, .create = create, .role = role, .stop = stop, .destroy = destroy};
  static sluice_plugin_desc description;
  (void)hello;
  (void)err;
  description.size = sizeof description;
  description.stamp = sluice_stamp_make();
  description.id = sluice_text("test.filter");
  description.version = sluice_text("1.0.0");
  description.summary = sluice_text("Does to messages what its configuration says.");
  description.config_schema = sluice_text(
      "{\"type\":\"object\",\"properties\":{\"events\":{\"type\":\"string\"},"
          "\"wants\":{\"type\":\"integer\"}}}");
  description.route_schema = sluice_text(
      "{\"type\":\"object\",\"properties\":{\"script\":{\"type\":\"string\"}},"
          "\"additionalProperties\":false}");
  description.ops = &ops;
  return &description;
}
