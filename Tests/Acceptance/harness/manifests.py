"""Gateway API manifests as text, small enough to read in a test."""

import os


def gateway(port, name="web", listeners=None, namespace="default"):
    """A Gateway with one HTTP listener, or with the listeners given as YAML flow text."""
    lines = listeners or [f"{{name: http, port: {port}, protocol: HTTP}}"]
    return f"""apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {{name: {name}, namespace: {namespace}}}
spec:
  gatewayClassName: sluice
  listeners:
""" + "".join(f"  - {line}\n" for line in lines)


def route(name, rules, hosts=(), gateway_name="web", namespace="default"):
    """An HTTPRoute; rules are YAML flow texts."""
    hostnames = f"  hostnames: [{', '.join(repr(host) for host in hosts)}]\n" if hosts else ""
    return f"""apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {{name: {name}, namespace: {namespace}}}
spec:
  parentRefs: [{{name: {gateway_name}}}]
{hostnames}  rules:
""" + "".join(f"  - {rule}\n" for rule in rules)


def to_service(service, prefix=None, exact=None, port=80):
    """A rule that sends a prefix, an exact path or everything to a Service."""
    return f"{{{_match(prefix, exact)}backendRefs: [{{name: {service}, port: {port}}}]}}"


def to_plugin(instance, prefix=None):
    """A rule that sends a prefix or everything to a plugin instance."""
    reference = f"{{group: sluice.dev, kind: Plugin, name: {instance}}}"
    return f"{{{_match(prefix, None)}backendRefs: [{reference}]}}"


def _match(prefix, exact):
    if prefix:
        return f"matches: [{{path: {{type: PathPrefix, value: {prefix}}}}}], "
    if exact:
        return f"matches: [{{path: {{type: Exact, value: {exact}}}}}], "
    return ""


def service(name, port, service_port=80, namespace="default"):
    """A Service and the EndpointSlice that says it is 127.0.0.1:port."""
    return f"""apiVersion: v1
kind: Service
metadata: {{name: {name}, namespace: {namespace}}}
spec: {{ports: [{{name: http, port: {service_port}, targetPort: {port}}}]}}
---
""" + endpoints(name, port, namespace)


def endpoints(name, port, namespace="default"):
    """The EndpointSlice of a Service, at 127.0.0.1:port."""
    return f"""apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata:
  name: {name}-1
  namespace: {namespace}
  labels: {{kubernetes.io/service-name: {name}}}
addressType: IPv4
ports: [{{name: http, port: {port}, protocol: TCP}}]
endpoints: [{{addresses: [127.0.0.1], conditions: {{ready: true}}}}]
"""


def join(*texts):
    """Several manifests in one file."""
    return "---\n".join(texts)


def write(folder, name, text):
    """Puts a file in place at once, as editors and controllers do: write beside, rename over."""
    folder.mkdir(parents=True, exist_ok=True)
    beside = folder / f".{name}.new"
    beside.write_text(text)
    os.replace(beside, folder / name)
