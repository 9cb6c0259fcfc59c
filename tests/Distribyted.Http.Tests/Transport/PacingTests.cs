using System.Net;
using System.Net.Sockets;
using System.Text;
using Distribyted.Http.Transport;

namespace Distribyted.Http.Tests.Transport;

[TestFixture, Platform("Linux")]
internal sealed class PacingTests
{
    [Test]
    public void A_few_clients_of_this_machine_are_not_paced_and_many_are()
    {
        var pacing = new Pacing();
        for (var i = 0; i < 32; i++)
        {
            pacing.Enter();
        }

        Assert.That(pacing.IsWanted, Is.False);
        pacing.Enter();
        Assert.That(pacing.IsWanted);
        pacing.Leave();
        Assert.That(pacing.IsWanted, Is.False);
    }

    [Test, CancelAfter(60_000)]
    public async Task What_the_system_does_is_put_back(CancellationToken cancellationToken)
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(listener.LocalEndPoint!, cancellationToken);
        var before = Pacing.Read(socket);

        Pacing.Set(socket, []);

        Assert.That(Pacing.IsHere(socket));
        Assert.That(Encoding.ASCII.GetString(Pacing.Read(socket)).TrimEnd('\0'), Is.EqualTo("reno"));
        Pacing.Set(socket, before);
        Assert.That(Pacing.Read(socket), Is.EqualTo(before));
    }
}
