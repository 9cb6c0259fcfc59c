using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;

namespace Distribyted.Testing;

/// <summary>A router on an address of loopback that maps ports by UPnP, NAT-PMP and PCP, with the mistakes that real ones make. It passes nothing on.</summary>
internal sealed partial class FakeRouter : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly Socket _search;
    private readonly Socket _control;
    private readonly TcpListener _web;
    private readonly List<Task> _loops = [];
    private readonly ConcurrentQueue<string> _requests = new();
    private long _epochAt = TimeProvider.System.GetTimestamp();
    private int _unanswered;

    /// <param name="address">Its own address: 127.0.0.x, or ::1.</param>
    public FakeRouter(string address)
    {
        Address = IPAddress.Parse(address);
        _search = Open();
        _control = Open();
        _web = new TcpListener(Address, 0);
        _web.Start();
        _loops.Add(ServeAsync(_search, AnswerSearch));
        _loops.Add(ServeAsync(_control, AnswerControl));
        _loops.Add(ServeWebAsync());
    }

    public IPAddress Address { get; }

    public IPEndPoint SearchEndPoint => (IPEndPoint)_search.LocalEndPoint!;

    public int ControlPort => ((IPEndPoint)_control.LocalEndPoint!).Port;

    public int WebPort => ((IPEndPoint)_web.LocalEndpoint).Port;

    /// <summary>Towards the internet.</summary>
    public IPAddress ExternalAddress { get; set; } = IPAddress.Parse("203.0.113.7");

    public bool SpeaksUpnp { get; set; }

    public bool SpeaksNatPmp { get; set; }

    public bool SpeaksPcp { get; set; }

    /// <summary>It says that its description is there; null: on itself.</summary>
    public string? Location { get; set; }

    /// <summary>Its description; null: the usual one.</summary>
    public byte[]? Description { get; set; }

    /// <summary>UPnP error 725 for leases that end.</summary>
    public bool OnlyPermanent { get; set; }

    /// <summary>UPnP error 724 for other external ports.</summary>
    public bool OnlySamePort { get; set; }

    /// <summary>External ports that another machine has: protocol and port.</summary>
    public ConcurrentDictionary<string, bool> Taken { get; } = new(StringComparer.Ordinal);

    /// <summary>So many calls and requests to come are answered with an error: HTTP 500, or the result of <see cref="Result"/>.</summary>
    public int Failures { get; set; }

    /// <summary>Result of NAT-PMP and PCP for <see cref="Failures"/>.</summary>
    public byte Result { get; set; } = 3;

    /// <summary>It says that it deletes, and does not.</summary>
    public bool KeepsDeleted { get; set; }

    /// <summary>It answers nothing.</summary>
    public bool IsSilent { get; set; }

    /// <summary>Longest lease in seconds that it gives by NAT-PMP and PCP.</summary>
    public uint MaxLease { get; set; } = 86400;

    /// <summary>By NAT-PMP and PCP it never gives the port that is wanted, but the next one.</summary>
    public bool GivesNext { get; set; }

    /// <summary>PCP answers carry another nonce than the request.</summary>
    public bool MixesNonces { get; set; }

    /// <summary>Routers that hear the same searches.</summary>
    public IReadOnlyList<FakeRouter> Neighbours { get; set; } = [];

    /// <summary>What is mapped: protocol and external port, to who, which port, for how long.</summary>
    public ConcurrentDictionary<string, string> Mappings { get; } = new(StringComparer.Ordinal);

    /// <summary>What was asked, one line for each call or request; searches are left out.</summary>
    public IReadOnlyList<string> Requests => [.. _requests];

    /// <summary>Datagrams that were not answered.</summary>
    public int Unanswered => Volatile.Read(ref _unanswered);

    /// <summary>Loses its mappings and begins its epoch anew.</summary>
    public void Restart()
    {
        Mappings.Clear();
        Volatile.Write(ref _epochAt, TimeProvider.System.GetTimestamp() + (900 * TimeProvider.System.TimestampFrequency));
    }

    /// <summary>Tells what NAT-PMP routers tell when they have restarted.</summary>
    public void TellNatPmpNews(int port)
    {
        _control.SendTo(AddressAnswer(0), new IPEndPoint(IPAddress.Loopback, port));
    }

    /// <summary>Tells what PCP routers tell when they have restarted.</summary>
    public void TellPcpNews(int port)
    {
        var news = new byte[24];
        (news[0], news[1]) = (2, 0x80);
        BinaryPrimitives.WriteUInt32BigEndian(news.AsSpan(8), EpochNow());
        _control.SendTo(news, new IPEndPoint(IPAddress.Loopback, port));
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _search.Dispose();
        _control.Dispose();
        _web.Dispose();
        await Task.WhenAll(_loops);
        _stop.Dispose();
    }

    private Socket Open()
    {
        var socket = new Socket(Address.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        socket.Bind(new IPEndPoint(Address, 0));
        return socket;
    }

    private uint EpochNow()
    {
        return (uint)Math.Max(0, TimeProvider.System.GetElapsedTime(Volatile.Read(ref _epochAt)).TotalSeconds + 1000);
    }

    private async Task ServeAsync(Socket socket, Func<byte[], IPEndPoint, byte[]?> answer)
    {
        var buffer = new byte[2048];
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                var received = await socket.ReceiveFromAsync(buffer, SocketFlags.None, new IPEndPoint(Address, 0), _stop.Token);
                var from = (IPEndPoint)received.RemoteEndPoint;
                if (answer(buffer[..received.ReceivedBytes], from) is { } bytes)
                {
                    await socket.SendToAsync(bytes, SocketFlags.None, from, _stop.Token);
                }
                else
                {
                    Interlocked.Increment(ref _unanswered);
                }
            }
            catch (SocketException)
            {
                continue; // who asked is gone
            }
            catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
            {
                return;
            }
        }
    }

    private byte[]? AnswerSearch(byte[] datagram, IPEndPoint from)
    {
        foreach (var neighbour in Neighbours)
        {
            if (neighbour.AnswerSearch(datagram, from) is { } other)
            {
                neighbour._search.SendTo(other, from);
            }
        }

        var text = Encoding.ASCII.GetString(datagram);
        if (!SpeaksUpnp || IsSilent || !text.Contains("InternetGatewayDevice:1", StringComparison.Ordinal))
        {
            return null;
        }

        return Encoding.ASCII.GetBytes(
            $"HTTP/1.1 200 OK\r\nCACHE-CONTROL: max-age=120\r\nST: urn:schemas-upnp-org:device:InternetGatewayDevice:1\r\nLocation: {Location ?? $"http://{Address}:{WebPort}/desc.xml"}\r\n\r\n"
        );
    }

    private byte[]? AnswerControl(byte[] request, IPEndPoint from)
    {
        if (IsSilent || request.Length < 2)
        {
            return null;
        }

        if (request[0] == 2 && SpeaksPcp)
        {
            return AnswerPcp(request, from);
        }

        if (!SpeaksNatPmp)
        {
            return null;
        }

        if (request[0] != 0)
        {
            _requests.Enqueue($"version {request[0]}");
            var refusal = new byte[8];
            (refusal[1], refusal[3]) = ((byte)(request[1] | 0x80), 1); // unsupported version
            BinaryPrimitives.WriteUInt32BigEndian(refusal.AsSpan(4), EpochNow());
            return refusal;
        }

        return request[1] == 0 ? AddressAnswer(0) : AnswerNatPmp(request, from);
    }

    private byte[] AddressAnswer(byte result)
    {
        var answer = new byte[12];
        (answer[1], answer[3]) = (0x80, result);
        BinaryPrimitives.WriteUInt32BigEndian(answer.AsSpan(4), EpochNow());
        ExternalAddress.TryWriteBytes(answer.AsSpan(8), out _);
        return answer;
    }

    private byte[] AnswerNatPmp(byte[] request, IPEndPoint from)
    {
        var protocol = request[1] == 1 ? "UDP" : "TCP";
        int inside = BinaryPrimitives.ReadUInt16BigEndian(request.AsSpan(4));
        int outside = BinaryPrimitives.ReadUInt16BigEndian(request.AsSpan(6));
        var lease = Math.Min(MaxLease, BinaryPrimitives.ReadUInt32BigEndian(request.AsSpan(8)));
        _requests.Enqueue($"NAT-PMP {protocol} {inside} {outside} {lease}");
        var answer = new byte[16];
        answer[1] = (byte)(request[1] | 0x80);
        BinaryPrimitives.WriteUInt32BigEndian(answer.AsSpan(4), EpochNow());
        if (Failures > 0)
        {
            Failures--;
            answer[3] = Result;
            return answer;
        }

        outside = Map(protocol, inside, outside, lease, from.Address);
        BinaryPrimitives.WriteUInt16BigEndian(answer.AsSpan(8), (ushort)inside);
        BinaryPrimitives.WriteUInt16BigEndian(answer.AsSpan(10), (ushort)outside);
        BinaryPrimitives.WriteUInt32BigEndian(answer.AsSpan(12), lease);
        return answer;
    }

    private byte[] AnswerPcp(byte[] request, IPEndPoint from)
    {
        var protocol = request[36] == 17 ? "UDP" : "TCP";
        int inside = BinaryPrimitives.ReadUInt16BigEndian(request.AsSpan(40));
        int outside = BinaryPrimitives.ReadUInt16BigEndian(request.AsSpan(42));
        var lease = Math.Min(MaxLease, BinaryPrimitives.ReadUInt32BigEndian(request.AsSpan(4)));
        _requests.Enqueue($"PCP {protocol} {inside} {outside} {lease}");
        var answer = request.ToArray();
        answer[1] |= 0x80;
        answer.AsSpan(8, 16).Clear();
        BinaryPrimitives.WriteUInt32BigEndian(answer.AsSpan(8), EpochNow());
        if (MixesNonces)
        {
            answer[24] ^= 1;
        }

        var client = new IPAddress(request.AsSpan(8, 16));
        if (!client.Equals(from.Address.MapToIPv6()))
        {
            answer[3] = 12; // ADDRESS_MISMATCH
            return answer;
        }

        if (Failures > 0)
        {
            Failures--;
            answer[3] = Result;
            answer.AsSpan(4, 4).Clear(); // it does not know for how long
            return answer;
        }

        outside = Map(protocol, inside, outside, lease, from.Address);
        BinaryPrimitives.WriteUInt32BigEndian(answer.AsSpan(4), lease);
        BinaryPrimitives.WriteUInt16BigEndian(answer.AsSpan(42), (ushort)outside);
        ExternalAddress.MapToIPv6().TryWriteBytes(answer.AsSpan(44), out _);
        return answer;
    }

    /// <summary>As NAT-PMP and PCP have it: the router chooses another port when the one that is wanted is taken.</summary>
    private int Map(string protocol, int inside, int outside, uint lease, IPAddress client)
    {
        var value = $"{client}:{inside}";
        if (lease == 0)
        {
            foreach (var (key, mapped) in Mappings)
            {
                if (
                    !KeepsDeleted
                    && key.StartsWith(protocol, StringComparison.Ordinal)
                    && mapped.StartsWith(value, StringComparison.Ordinal)
                )
                {
                    Mappings.TryRemove(key, out _);
                }
            }

            return 0;
        }

        outside = GivesNext ? inside + 1 : outside;
        while (Taken.ContainsKey($"{protocol} {outside}"))
        {
            outside++;
        }

        Mappings[$"{protocol} {outside}"] = $"{value} {lease}";
        return outside;
    }

    private async Task ServeWebAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                using var client = await _web.AcceptTcpClientAsync(_stop.Token);
                await ServeAsync(client);
            }
            catch (Exception e) when (e is IOException or SocketException)
            {
                continue; // who asked is gone
            }
            catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
            {
                return;
            }
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        if (IsSilent)
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, _stop.Token);
        }

        var stream = client.GetStream();
        var text = new StringBuilder();
        var buffer = new byte[4096];
        while (!IsWhole(text.ToString()))
        {
            var read = await stream.ReadAsync(buffer, _stop.Token);
            if (read == 0)
            {
                return;
            }

            text.Append(Encoding.UTF8.GetString(buffer, 0, read));
        }

        var (status, body) = AnswerWeb(text.ToString());
        var head = $"HTTP/1.1 {status}\r\nContent-Type: text/xml\r\nContent-Length: {body.Length}\r\nConnection: close\r\n\r\n";
        await stream.WriteAsync(Encoding.ASCII.GetBytes(head), _stop.Token);
        await stream.WriteAsync(body, _stop.Token);
    }

    private static bool IsWhole(string request)
    {
        var end = request.IndexOf("\r\n\r\n", StringComparison.Ordinal);
        var length = ContentLength().Match(request);
        return end >= 0
            && request.Length >= end + 4 + (length.Success ? int.Parse(length.Groups[1].Value, CultureInfo.InvariantCulture) : 0);
    }

    private (string Status, byte[] Body) AnswerWeb(string request)
    {
        if (request.StartsWith("GET ", StringComparison.Ordinal))
        {
            _requests.Enqueue(request[..request.IndexOf(" HTTP", StringComparison.Ordinal)]);
            return ("200 OK", Description ?? Encoding.UTF8.GetBytes(UsualDescription));
        }

        var action = Regex.Match(request, "#(\\w+)\"", RegexOptions.None, TimeSpan.FromSeconds(1)).Groups[1].Value;
        var protocol = Value(request, "NewProtocol");
        var outside = Value(request, "NewExternalPort");
        var lease = Value(request, "NewLeaseDuration");
        _requests.Enqueue(string.Join(' ', new[] { action, protocol, outside, lease }.Where(static part => part.Length > 0)));
        if (Failures > 0)
        {
            Failures--;
            return ("500 Internal Server Error", []);
        }

        var key = $"{protocol} {outside}";
        var inside = Value(request, "NewInternalPort");
        switch (action)
        {
            case "GetExternalIPAddress":
                return Done(action, $"<NewExternalIPAddress>{ExternalAddress}</NewExternalIPAddress>");
            case "DeletePortMapping":
                return KeepsDeleted || Mappings.TryRemove(key, out _) ? Done(action, "") : Error(714, "NoSuchEntryInArray");
            case "AddPortMapping" when OnlyPermanent && lease != "0":
                return Error(725, "OnlyPermanentLeasesSupported");
            case "AddPortMapping" when OnlySamePort && outside != inside:
                return Error(724, "SamePortValuesRequired");
            case "AddPortMapping" when Taken.ContainsKey(key):
                return Error(718, "ConflictInMappingEntry");
            case "AddPortMapping":
                Mappings[key] = $"{Value(request, "NewInternalClient")}:{inside} {lease}";
                return Done(action, "");
            default:
                return Error(401, "Invalid Action");
        }
    }

    private static string Value(string request, string name)
    {
        return Regex.Match(request, $"<{name}>([^<]*)</{name}>", RegexOptions.None, TimeSpan.FromSeconds(1)).Groups[1].Value;
    }

    private static (string Status, byte[] Body) Done(string action, string values)
    {
        return (
            "200 OK",
            Envelope($"<u:{action}Response xmlns:u=\"urn:schemas-upnp-org:service:WANIPConnection:1\">{values}</u:{action}Response>")
        );
    }

    private static (string Status, byte[] Body) Error(int code, string description)
    {
        return (
            "500 Internal Server Error",
            Envelope(
                $"<s:Fault><faultcode>s:Client</faultcode><faultstring>UPnPError</faultstring><detail><UPnPError xmlns=\"urn:schemas-upnp-org:control-1-0\"><errorCode>{code}</errorCode><errorDescription>{description}</errorDescription></UPnPError></detail></s:Fault>"
            )
        );
    }

    private static byte[] Envelope(string body)
    {
        return Encoding.UTF8.GetBytes(
            $"<?xml version=\"1.0\"?><s:Envelope xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\"><s:Body>{body}</s:Body></s:Envelope>"
        );
    }

    private const string UsualDescription = """
        <?xml version="1.0"?>
        <root xmlns="urn:schemas-upnp-org:device-1-0"><specVersion><major>1</major><minor>0</minor></specVersion>
        <device><deviceType>urn:schemas-upnp-org:device:InternetGatewayDevice:1</deviceType><friendlyName>Stand-in</friendlyName>
        <deviceList><device><deviceType>urn:schemas-upnp-org:device:WANDevice:1</deviceType>
        <deviceList><device><deviceType>urn:schemas-upnp-org:device:WANConnectionDevice:1</deviceType>
        <serviceList><service><serviceType>urn:schemas-upnp-org:service:WANIPConnection:1</serviceType><controlURL>/control</controlURL></service></serviceList>
        </device></deviceList></device></deviceList></device></root>
        """;

    [GeneratedRegex("content-length: *(\\d+)", RegexOptions.IgnoreCase, matchTimeoutMilliseconds: 1000)]
    private static partial Regex ContentLength();
}
