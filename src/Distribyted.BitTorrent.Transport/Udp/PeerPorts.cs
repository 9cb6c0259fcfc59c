namespace Distribyted.BitTorrent.Transport.Udp;

/// <summary>Opens the port that peers know: the same number for TCP and UDP.</summary>
public static class PeerPorts
{
    private const int Attempts = 10;

    /// <summary>Opens TCP, and UDP with the number that TCP got. When any number will do and UDP cannot have it, another is tried.</summary>
    /// <param name="options">The port and own addresses.</param>
    /// <param name="datagrams">Not open yet; null: UDP is not used.</param>
    /// <param name="time">The clock.</param>
    /// <returns>The TCP port; null: TCP is switched off.</returns>
    /// <exception cref="IOException">The port cannot be opened; the message names its key.</exception>
    public static TcpPeerListener? Open(TransportOptions options, UdpPort? datagrams, TimeProvider time)
    {
        if (options.DisableTcp)
        {
            datagrams?.Open(options.ListenPort);
            return null;
        }

        for (var attempt = 1; ; attempt++)
        {
            var listener = new TcpPeerListener(options, time);
            if (datagrams is null)
            {
                return listener;
            }

            try
            {
                datagrams.Open(listener.Port);
                return listener;
            }
            catch (IOException) when (options.ListenPort == 0 && attempt < Attempts)
            {
                listener.Close();
            }
            catch
            {
                listener.Close();
                throw;
            }
        }
    }
}
