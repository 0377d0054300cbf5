// greeter: GET /greet/ann answers {"greeting":"hello","name":"ann","count":1}.
package main

/*
#cgo pkg-config: sluice
#cgo LDFLAGS: -Wl,--version-script=${SRCDIR}/plugin.map
#include <sluice_call.h>
#include <stdlib.h>

void greeter_tick(void *self, sluice_status why);

// Structs that point to others are filled in C: Go may hand over pointers to bytes alone.
static inline sluice_status greeter_respond(const sluice_http_api *http, sluice_rid id,
                                            const void *json, size_t length) {
  sluice_header type = {sluice_text("content-type"), sluice_text("application/json"), 0, 0};
  sluice_chunk body = {sluice_bytes(json, length), NULL};
  sluice_response answer = {sizeof answer, 200, {&type, 1}, &body, 1, {NULL, 0}};
  return sluice_http_respond(http, id, &answer, NULL);
}

static inline void greeter_log(const sluice_log_api *log, const void *text, size_t length,
                               const void *number, size_t digits) {
  sluice_field greeted = {sluice_text("greeted"), sluice_bytes(number, digits)};
  sluice_log_write(log, SLUICE_LOG_INFO, sluice_bytes(text, length), &greeted, 1);
}

static inline sluice_status greeter_counter(const sluice_metrics_api *metrics,
                                            sluice_cell **cell, sluice_error *err) {
  sluice_metric_def counter = {.size = sizeof counter, .kind = SLUICE_METRIC_COUNTER};
  sluice_status status;
  uint32_t id;
  counter.name = sluice_text("greetings_total");
  counter.help = sluice_text("Names that were greeted.");
  status = sluice_metrics_define(metrics, &counter, &id, err);
  return status < 0 ? status : sluice_metrics_cell(metrics, id, NULL, 0, cell);
}

static inline sluice_status greeter_timer(const sluice_exec_api *exec, uint64_t every_ns,
                                          uintptr_t self) {
  return sluice_exec_timer(exec, every_ns, every_ns, greeter_tick, (void *)self, NULL);
}

static inline sluice_status greeter_ready(const sluice_health_api *health) {
  return sluice_health_report(health, sluice_text("greeter"), SLUICE_HEALTH_READY,
                              sluice_text("greets who asks"));
}

static inline sluice_status greeter_fail(sluice_error *err, sluice_status code,
                                         const void *text, size_t length) {
  return sluice_fail(err, code, sluice_bytes(text, length));
}
*/
import "C"

import (
	"encoding/json"
	"fmt"
	"runtime/cgo"
	"strconv"
	"sync/atomic"
	"unsafe"
)

type settings struct {
	Greeting     string `json:"greeting"`
	EverySeconds uint64 `json:"everySeconds"`
}

type greeter struct {
	settings
	log     *C.sluice_log_api
	health  *C.sluice_health_api
	exec    *C.sluice_exec_api
	http    *C.sluice_http_api
	greeted *uint64
}

type answer struct {
	Greeting string `json:"greeting"`
	Name     string `json:"name"`
	Count    uint64 `json:"count"`
}

func newGreeter(host *C.sluice_host, config []byte) (*greeter, error) {
	find := func(id string) unsafe.Pointer {
		name := C.CString(id)
		defer C.free(unsafe.Pointer(name))
		return C.sluice_host_find(host, name)
	}
	g := &greeter{settings: settings{Greeting: "hello", EverySeconds: 60}}
	if err := json.Unmarshal(config, &g.settings); err != nil {
		return nil, err
	}
	// All are there: the description requires them.
	g.log = (*C.sluice_log_api)(find(C.SLUICE_IF_LOG))
	g.health = (*C.sluice_health_api)(find(C.SLUICE_IF_HEALTH))
	g.exec = (*C.sluice_exec_api)(find(C.SLUICE_IF_EXEC))
	g.http = (*C.sluice_http_api)(find(C.SLUICE_IF_HTTP))
	metrics := (*C.sluice_metrics_api)(find(C.SLUICE_IF_METRICS))
	var cell *C.sluice_cell
	if status := C.greeter_counter(metrics, &cell, nil); status < 0 {
		return nil, fmt.Errorf("the counter is refused: %d", status)
	}
	g.greeted = (*uint64)(unsafe.Pointer(&cell.value))
	return g, nil
}

// say writes one log line with how many were greeted.
func (g *greeter) say(message string) {
	text, number := []byte(message), []byte(strconv.FormatUint(atomic.LoadUint64(g.greeted), 10))
	C.greeter_log(g.log, unsafe.Pointer(&text[0]), C.size_t(len(text)),
		unsafe.Pointer(&number[0]), C.size_t(len(number)))
}

func (g *greeter) answer(id C.sluice_rid, name string) (C.sluice_status, error) {
	count := atomic.AddUint64(g.greeted, 1)
	body, err := json.Marshal(answer{g.Greeting, name, count})
	if err != nil {
		return C.SLUICE_E_INTERNAL, err
	}
	body = append(body, '\n')
	status := C.greeter_respond(g.http, id, unsafe.Pointer(&body[0]), C.size_t(len(body)))
	if status == C.SLUICE_E_GONE {
		return C.SLUICE_OK, nil // nobody waits any more: no fault
	}
	return status, nil
}

// What the C side calls. No panic leaves these functions.

// guarded runs body; a failure, and a panic too, is reported in err.
func guarded(err *C.sluice_error, body func() (C.sluice_status, error)) (status C.sluice_status) {
	defer func() {
		if cause := recover(); cause != nil {
			status = fail(err, C.SLUICE_E_INTERNAL, fmt.Sprint("the plugin panicked: ", cause))
		}
	}()
	status, failure := body()
	if failure != nil {
		return fail(err, status, failure.Error())
	}
	return status
}

func fail(err *C.sluice_error, code C.sluice_status, text string) C.sluice_status {
	bytes := append([]byte(text), 0)
	return C.greeter_fail(err, code, unsafe.Pointer(&bytes[0]), C.size_t(len(text)))
}

// of is the instance that a handle stands for: the host keeps numbers, not Go pointers.
func of(self C.uintptr_t) *greeter {
	return cgo.Handle(self).Value().(*greeter)
}

//export goCreate
func goCreate(host *C.sluice_host, instance *C.sluice_instance, err *C.sluice_error) (self C.uintptr_t) {
	guarded(err, func() (C.sluice_status, error) {
		config := C.GoBytes(unsafe.Pointer(instance.config.data), C.int(instance.config.len))
		g, failure := newGreeter(host, config)
		if failure != nil {
			return C.SLUICE_E_INVALID, failure
		}
		self = C.uintptr_t(cgo.NewHandle(g))
		return C.SLUICE_OK, nil
	})
	return self
}

//export goStart
func goStart(self C.uintptr_t, err *C.sluice_error) C.sluice_status {
	return guarded(err, func() (C.sluice_status, error) {
		g := of(self)
		every := C.uint64_t(g.EverySeconds * 1_000_000_000)
		if status := C.greeter_timer(g.exec, every, self); status < 0 {
			return status, fmt.Errorf("no timer")
		}
		g.say("ready to greet")
		return C.greeter_ready(g.health), nil
	})
}

// The final call comes by itself when the instance stops: there is nothing to free.
//
//export goTick
func goTick(self C.uintptr_t, why C.sluice_status) {
	guarded(nil, func() (C.sluice_status, error) {
		if why == C.SLUICE_OK {
			of(self).say("so far")
		}
		return C.SLUICE_OK, nil
	})
}

//export goRequest
func goRequest(self C.uintptr_t, id C.sluice_rid, request *C.sluice_request, err *C.sluice_error) C.sluice_status {
	return guarded(err, func() (C.sluice_status, error) {
		suffix := request.suffix
		return of(self).answer(id, C.GoStringN((*C.char)(unsafe.Pointer(suffix.data)), C.int(suffix.len)))
	})
}

//export goDestroy
func goDestroy(self C.uintptr_t) {
	cgo.Handle(self).Delete()
}

func main() {}
