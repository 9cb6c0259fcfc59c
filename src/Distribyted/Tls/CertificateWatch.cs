using Distribyted.Telemetry;

namespace Distribyted.Tls;

/// <summary>Looks every ten seconds whether the certificate was renewed. The files are read, not watched: certbot swaps symbolic links, and containers
/// mount folders over networks; neither tells anybody.</summary>
internal sealed class CertificateWatch(ServerCertificate certificate, TimeProvider time, ILogger<CertificateWatch> logger)
    : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    private string? _told;

    /// <summary>Looks once.</summary>
    public void Look()
    {
        try
        {
            if (certificate.Refresh())
            {
                logger.CertificateTaken(certificate.Current.NotAfter, certificate.Fingerprint);
                _told = null;
            }
        }
        catch (CertificateException exception)
        {
            if (exception.Message != _told) // a file that stays wrong is one line, not six a minute
            {
                logger.CertificateKept(exception.Message);
                _told = exception.Message;
            }
        }
        catch (Exception exception)
        {
            logger.CertificateWatchFailed(exception);
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                Look();
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The program ends.
        }
    }
}
