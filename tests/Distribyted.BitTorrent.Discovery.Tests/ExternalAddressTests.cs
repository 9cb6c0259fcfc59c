using System.Net;
using System.Net.Sockets;

namespace Distribyted.BitTorrent.Discovery.Tests;

/// <summary>Which address of ours is believed when others tell it.</summary>
internal sealed class ExternalAddressTests
{
    private static readonly IPAddress Ours = IPAddress.Parse("81.2.3.4");
    private static readonly IPAddress Other = IPAddress.Parse("81.2.3.5");

    [Test]
    public void One_voter_is_not_enough_and_votes_once()
    {
        var external = new ExternalAddress();

        external.Vote(Ours, Voter(1));
        external.Vote(Ours, Voter(1));

        Assert.That(external.Of(AddressFamily.InterNetwork), Is.Null);
    }

    [Test]
    public void Two_that_agree_are_believed_and_told_once()
    {
        var external = new ExternalAddress();
        List<IPAddress?> told = [];
        external.Changed += (_, _) => told.Add(external.Of(AddressFamily.InterNetwork));

        external.Vote(Ours, Voter(1));
        external.Vote(Ours.MapToIPv6(), Voter(2));
        external.Vote(Ours, Voter(3));

        Assert.That(external.Of(AddressFamily.InterNetwork), Is.EqualTo(Ours));
        Assert.That(external.Of(AddressFamily.InterNetworkV6), Is.Null);
        Assert.That(told, Is.EqualTo(new[] { Ours }));
    }

    [Test]
    public void Half_of_the_voters_do_not_change_it_and_more_than_half_do()
    {
        var external = new ExternalAddress();
        external.Vote(Ours, Voter(1));
        external.Vote(Ours, Voter(2));

        external.Vote(Other, Voter(3));
        external.Vote(Other, Voter(4));
        var tied = external.Of(AddressFamily.InterNetwork);
        external.Vote(Other, Voter(5));

        Assert.That(tied, Is.EqualTo(Ours));
        Assert.That(external.Of(AddressFamily.InterNetwork), Is.EqualTo(Other));
    }

    [Test]
    public void A_voter_may_change_its_mind()
    {
        var external = new ExternalAddress();
        external.Vote(Ours, Voter(1));
        external.Vote(Other, Voter(2));

        external.Vote(Ours, Voter(2));

        Assert.That(external.Of(AddressFamily.InterNetwork), Is.EqualTo(Ours));
    }

    [TestCase("192.168.1.7")]
    [TestCase("127.0.0.1")]
    [TestCase("100.64.0.9")]
    [TestCase("0.0.0.0")]
    [TestCase("fe80::1")]
    [TestCase("224.0.0.1")]
    public void Addresses_that_reach_no_further_than_a_network_do_not_count(string claimed)
    {
        var external = new ExternalAddress();

        external.Vote(IPAddress.Parse(claimed), Voter(1));
        external.Vote(IPAddress.Parse(claimed), Voter(2));

        Assert.That(external.Of(AddressFamily.InterNetwork), Is.Null);
        Assert.That(external.Of(AddressFamily.InterNetworkV6), Is.Null);
    }

    [Test]
    public void Voters_of_our_own_network_do_not_count()
    {
        var external = new ExternalAddress();

        external.Vote(Ours, IPAddress.Parse("192.168.1.1"));
        external.Vote(Ours, IPAddress.Parse("192.168.1.2"));

        Assert.That(external.Of(AddressFamily.InterNetwork), Is.Null);
    }

    [Test]
    public void Addresses_of_one_IPv6_network_are_one_voter()
    {
        var external = new ExternalAddress();
        var ours = IPAddress.Parse("2a01::7");

        external.Vote(ours, IPAddress.Parse("2a02:1:2:3::1"));
        external.Vote(ours, IPAddress.Parse("2a02:1:2:3::2"));
        var early = external.Of(AddressFamily.InterNetworkV6);
        external.Vote(ours, IPAddress.Parse("2a02:1:2:4::1"));

        Assert.That(early, Is.Null);
        Assert.That(external.Of(AddressFamily.InterNetworkV6), Is.EqualTo(ours));
    }

    [Test]
    public void Old_votes_make_room_for_new_ones()
    {
        var external = new ExternalAddress();
        for (var i = 0; i < ExternalAddress.MaxVoters; i++)
        {
            external.Vote(Ours, Voter(i));
        }

        for (var i = 0; i < (ExternalAddress.MaxVoters / 2) + 1; i++)
        {
            external.Vote(Other, Voter(1000 + i));
        }

        Assert.That(external.Of(AddressFamily.InterNetwork), Is.EqualTo(Other));
    }

    [Test]
    public void In_another_network_the_old_address_stays_until_others_win()
    {
        var external = new ExternalAddress();
        external.Vote(Ours, Voter(1));
        external.Vote(Ours, Voter(2));

        external.ForgetVotes();
        var before = external.Of(AddressFamily.InterNetwork);
        external.Vote(Other, Voter(1));
        external.Vote(Other, Voter(2));

        Assert.That(before, Is.EqualTo(Ours));
        Assert.That(external.Of(AddressFamily.InterNetwork), Is.EqualTo(Other));
    }

    private static IPAddress Voter(int number)
    {
        return new IPAddress([9, 9, (byte)(number >> 8), (byte)number]);
    }
}
