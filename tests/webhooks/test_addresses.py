"""Goal A8: spellings of addresses that must never be called, and a name that changes its mind."""

import asyncio
import ssl
from pathlib import Path
from threading import Event

import pytest

from backoffice_api.adapters.webhook_http import WebhookSender, resolve
from backoffice_api.domain.webhooks.model.addresses import (
    Reach,
    UnfitUrl,
    is_public,
    target_of,
)
from backoffice_api.domain.webhooks.model.deliveries import DeliveryFailure
from tests.webhooks.consumer import Consumer

PEM = Path(__file__).parent / "receiver.example.pem"

# Loopback, private, link-local, metadata, shared, reserved, multicast; and IPv6 that leads there.
HOSTS = (
    "127.0.0.1",
    "127.0.0.2",
    "127.255.255.254",
    "127.1",
    "127.0.1",
    "127.0.0.1.",
    "2130706433",
    "017700000001",
    "0x7f000001",
    "0x7f.1",
    "0x7f.0x0.0x0.0x1",
    "0177.0.0.1",
    "0177.0.0.01",
    "127.0.0.0x1",
    "00000177.1",
    "0",
    "0.0.0.0",
    "0x0",
    "00",
    "0.1.2.3",
    "localhost",
    "LOCALHOST",
    "localhost.",
    "[::1]",
    "[0:0:0:0:0:0:0:1]",
    "[::0001]",
    "[::]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[0:0:0:0:0:ffff:7f00:0001]",
    "[::127.0.0.1]",
    "[::ffff:0:127.0.0.1]",
    "[64:ff9b::7f00:1]",
    "[64:ff9b::169.254.169.254]",
    "[64:ff9b:1::a00:1]",
    "[2002:7f00:1::]",
    "[2002:a9fe:a9fe::1]",
    "[2001:0:7f00:1::]",
    "[2606:4700::5efe:127.0.0.1]",
    "[fe80::1]",
    "[fe80::1%25lo]",
    "[fec0::1]",
    "[fc00::1]",
    "[fd00:ec2::254]",
    "[ff02::1]",
    "[2001:db8::1]",
    "[3fff::1]",
    "[100::1]",
    "10.0.0.1",
    "10.1",
    "0xa000001",
    "167772161",
    "172.16.0.1",
    "172.31.255.255",
    "192.168.0.1",
    "0xc0a80001",
    "169.254.169.254",
    "0xa9fea9fe",
    "2852039166",
    "[::ffff:169.254.169.254]",
    "169.254.170.2",
    "168.63.129.16",
    "100.64.0.1",
    "100.100.100.200",
    "192.0.0.192",
    "192.0.2.1",
    "198.18.0.1",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "①②⑦.⓪.⓪.①",
    "127。0。0。1",
    "127.0.0.1%00.example.com",
    "example.com@127.0.0.1",
    "127.0.0.1\\@example.com",
    "127.0.0.1#@example.com",
)


def host(address: str, port: int) -> list[str]:
    """What the system makes of the spellings that it knows without asking anybody."""
    return list(resolve(address.removesuffix("."), port))


class TestReach:
    @pytest.mark.parametrize(
        "address", ["8.8.8.8", "1.1.1.1", "2606:4700:4700::1111", "2a00:1450::1", "99.0.0.1"]
    )
    def test_has_public_addresses(self, address):
        assert is_public(address)

    def test_has_loopback_only_where_it_is_asked_for(self):
        there = Reach(loopback=True)

        assert [there.allows(each) for each in ("127.0.0.1", "::1")] == [True, True]
        wrong = ("::ffff:127.0.0.1", "10.0.0.1", "0.0.0.0", "::", "169.254.169.254", "nonsense")
        assert not any(there.allows(each) for each in wrong)
        assert not Reach().allows("127.0.0.1")


class TestTargetOf:
    @pytest.mark.parametrize(
        ("url", "authority", "path"),
        [
            ("https://example.com", "example.com", "/"),
            ("HTTPS://Example.com:443/a?b=c", "example.com", "/a?b=c"),
            ("http://example.com:8080/", "example.com:8080", "/"),
            ("https://xn--bcher-kva.example./x", "xn--bcher-kva.example.", "/x"),
            ("https://[2606:4700:4700::1111]:8443/", "[2606:4700:4700::1111]:8443", "/"),
        ],
    )
    def test_takes(self, url, authority, path):
        target = target_of(url)

        assert (target.authority, target.path) == (authority, path)

    @pytest.mark.parametrize(
        "url",
        [
            "",
            "example.com",
            "//example.com",
            "file:///etc/passwd",
            "gopher://example.com/",
            "https://",
            "https://u:p@example.com/",
            "https://exa mple.com/",
            "https://example.com/#x",
            "https://example.com:0/",
            "https://example.com:99999/",
            "https://example.com:x/",
            "https://exämple.com/",
            "https://-a.example/",
            "https://a..example/",
            "https://[::1/",
            "https://[fe80::1%25eth0]/",
            "https://example.com/\r\nHost: a",
            f"https://example.com/{'a' * 2_000}",
        ],
    )
    def test_refuses(self, url):
        with pytest.raises(UnfitUrl):
            target_of(url)


class TestWebhookSender:
    async def test_never_calls_any_of_these(self, monkeypatch):
        """Each is sent as it stands. The receiver listens on all addresses of loopback."""
        assert len(HOSTS) >= 64
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, "http://127.0.0.1:9")
        async with Consumer() as consumer:
            sender = WebhookSender(Reach(more_ports=[consumer.port]), resolver=host)
            outcomes = {
                each: await sender.send(f"http://{each}:{consumer.port}/", {}, b"{}")
                for each in HOSTS
            }
            await sender.close()

        called = {name for name, each in outcomes.items() if each.failure is None}
        refused = DeliveryFailure.ADDRESS_REFUSED
        assert called == set()
        assert {name for name, each in outcomes.items() if each.failure is not refused} == set()
        assert consumer.received == []

    async def test_calls_the_address_that_was_looked_at(self, monkeypatch):
        """A name that is public the first time it is asked, and this machine ever after."""
        answers = iter([["93.184.216.34"], ["127.0.0.1"], ["127.0.0.1"]])
        called = []
        async with Consumer() as consumer:
            reach = Reach(more_ports=[consumer.port])
            sender = WebhookSender(reach, resolver=lambda *_: next(answers))

            async def note(request):
                called.append((request.url.host, request.headers["host"], request.extensions))
                raise TimeoutError

            monkeypatch.setattr(sender._transport, "handle_async_request", note)
            await sender.send(f"https://rebind.example:{consumer.port}/", {}, b"{}")
            second = await sender.send(f"https://rebind.example:{consumer.port}/", {}, b"{}")
            await sender.close()

        ((address, name, more),) = called
        assert address == "93.184.216.34"
        assert name == f"rebind.example:{consumer.port}"
        assert more["sni_hostname"] == "rebind.example"
        assert second.failure is DeliveryFailure.ADDRESS_REFUSED
        assert consumer.received == []

    async def test_has_the_receiver_prove_its_name_over_tls(self):
        """The certificate is for `receiver.example`, whatever address is called."""
        there = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        there.load_cert_chain(PEM)
        async with Consumer(tls=there) as consumer:
            reach = Reach(more_ports=[consumer.port], loopback=True)
            sender = WebhookSender(
                reach,
                resolver=lambda *_: ["127.0.0.1"],
                trusted=ssl.create_default_context(cafile=PEM),
            )
            names = ("receiver.example", "other.example")
            urls = [f"https://{name}:{consumer.port}/" for name in names]
            right, wrong = [await sender.send(url, {}, b"{}") for url in urls]
            await sender.close()

        assert right.failure is None
        assert wrong.failure is DeliveryFailure.UNREACHABLE
        assert [each.headers["host"] for each in consumer.received] == [urls[0][8:-1]]

    async def test_refuses_a_name_one_of_whose_addresses_is_not_public(self):
        async with Consumer() as consumer:
            reach = Reach(more_ports=[consumer.port])
            sender = WebhookSender(reach, resolver=lambda *_: ["8.8.8.8", "127.0.0.1"])
            outcome = await sender.send(f"http://a.example:{consumer.port}/", {}, b"{}")
            await sender.close()

        assert outcome.failure is DeliveryFailure.ADDRESS_REFUSED
        assert consumer.received == []

    async def test_keeps_nobody_waiting_for_names_that_take_long(self):
        released = Event()

        def resolver(name: str, _: int) -> list[str]:
            if name.startswith("slow"):
                released.wait(60)
            return ["127.0.0.1"]

        async with Consumer() as consumer:
            reach = Reach(more_ports=[consumer.port], loopback=True)
            sender = WebhookSender(reach, resolver=resolver, timeout_s=60)
            urls = [f"http://slow{number}.example:{consumer.port}/" for number in range(40)]
            slow = [asyncio.create_task(sender.send(url, {}, b"{}")) for url in urls * 2]
            outcome = await sender.send(f"http://quick.example:{consumer.port}/", {}, b"{}")
            assert outcome.failure is None
            assert not any(each.done() for each in slow)
            released.set()
            await asyncio.gather(*slow)
            await sender.close()

        assert len(consumer.received) == 1 + len(slow)

    async def test_calls_no_port_that_is_not_allowed(self):
        async with Consumer() as consumer:
            sender = WebhookSender(Reach(loopback=True))
            outcome = await sender.send(consumer.url, {}, b"{}")
            await sender.close()

        assert outcome.failure is DeliveryFailure.ADDRESS_REFUSED
        assert consumer.received == []
