"""Servers that others have written, as peers of outbound calls."""

import asyncio
import contextlib
import os
import pathlib
import socket
import subprocess
import threading
from concurrent import futures

import grpc
import hypercorn.asyncio
import hypercorn.config
import websockets.sync.server

from ..waiting import eventually, free_port


@contextlib.contextmanager
def nginx(folder, pair, client_authority=None):
    """Static answers in the clear and under TLS; yields both ports."""
    ports = free_port(), free_port()
    verify = (f"ssl_client_certificate {client_authority}; ssl_verify_client on;"
              if client_authority else "")
    config = folder / "nginx.conf"
    config.write_text(f"""
{"user root;" if os.geteuid() == 0 else ""}
daemon off; pid {folder}/nginx.pid; error_log stderr;
events {{}}
http {{
  access_log off;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi; uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
  server {{
    listen 127.0.0.1:{ports[0]};
    location / {{ return 200 "$request_method $request_uri $http_authorization $http_x_one"; }}
    location /moved {{ return 302 /there; }}
    location /big {{ root {folder}; }}
  }}
  server {{
    listen 127.0.0.1:{ports[1]} ssl http2;
    ssl_certificate {pair.certificate_file}; ssl_certificate_key {pair.key_file}; {verify}
    location / {{ return 200 "$server_protocol $ssl_client_s_dn"; }}
    location /big {{ root {folder}; }}
  }}
}}
""")
    process = subprocess.Popen(
        ["nginx", "-c", str(config), "-p", str(folder)], stderr=subprocess.DEVNULL)
    try:
        eventually(lambda: _listens(ports[0]) and _listens(ports[1]), "nginx listens")
        yield ports
    finally:
        process.terminate()
        process.wait()


def _listens(port):
    with socket.create_connection(("127.0.0.1", port), timeout=1):
        return True


async def _application(scope, receive, send):
    """Echoes its request as it comes."""
    if scope["type"] != "http":
        return
    await send({"type": "http.response.start", "status": 200, "headers": [
        (b"x-version", scope["http_version"].encode())]})
    while True:
        event = await receive()
        if event["type"] != "http.request":
            return
        more = event.get("more_body", False)
        await send({"type": "http.response.body", "body": event.get("body", b""),
                    "more_body": more})
        if not more:
            return


@contextlib.contextmanager
def echo_over_http2(pair=None):
    """hypercorn: HTTP/2 by ALPN with a certificate, else by prior knowledge; yields the port."""
    port = free_port()
    config = hypercorn.config.Config()
    config.bind = [f"127.0.0.1:{port}"]
    config.accesslog = config.errorlog = None
    config.graceful_timeout = 0.5
    config.backlog = 2_048
    config.h2_max_concurrent_streams = 2_000
    config.read_timeout = config.keep_alive_timeout = 60
    if pair:
        config.certfile, config.keyfile = str(pair.certificate_file), str(pair.key_file)
    loop = asyncio.new_event_loop()
    stop = asyncio.Event()

    def run():
        asyncio.set_event_loop(loop)
        loop.run_until_complete(hypercorn.asyncio.serve(
            _application, config, shutdown_trigger=stop.wait))

    thread = threading.Thread(target=run)
    thread.start()
    try:
        eventually(lambda: _listens(port), "hypercorn listens")
        yield port
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join()
        loop.close()


class _Calls(grpc.GenericRpcHandler):
    """/test.Echo/Say answers its message twice; /test.Echo/Fail fails."""

    def service(self, details):
        def say(request, context):
            context.set_trailing_metadata((("x-seen", str(len(request))),))
            return request + request

        def fail(_, context):
            context.abort(grpc.StatusCode.FAILED_PRECONDITION, "not now")

        handlers = {"/test.Echo/Say": say, "/test.Echo/Fail": fail}
        found = handlers.get(details.method)
        return found and grpc.unary_unary_rpc_method_handler(found)


@contextlib.contextmanager
def grpc_server(folder):
    """grpcio on a port and on a Unix socket; yields both."""
    server = grpc.server(futures.ThreadPoolExecutor(4), handlers=[_Calls()])
    port = server.add_insecure_port("127.0.0.1:0")
    path = pathlib.Path(folder) / "grpc.sock"
    server.add_insecure_port(f"unix:{path}")
    server.start()
    try:
        yield port, path
    finally:
        server.stop(None).wait()


@contextlib.contextmanager
def websocket_echo():
    """Echoes messages; yields the port."""
    def echo(connection):
        for message in connection:
            connection.send(message)

    with websockets.sync.server.serve(echo, "127.0.0.1", 0) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield server.socket.getsockname()[1]
        finally:
            server.shutdown()
            thread.join()
