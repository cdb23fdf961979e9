package storage

import "context"

// Notifications is whom a bucket tells of what happens in it.
type Notifications struct {
	Topics      []Notification `xml:"TopicConfiguration"`
	Queues      []Notification `xml:"QueueConfiguration"`
	Functions   []Notification `xml:"CloudFunctionConfiguration"`
	EventBridge *EventBridge   `xml:"EventBridgeConfiguration"` // nil = off
	Foreign     []Foreign      `xml:",any"`
}

// EventBridge switches events to Amazon EventBridge on by being there.
type EventBridge struct {
	Foreign []Foreign `xml:",any"`
}

// Notification is one receiver: the ARN of a topic (SNS), a queue (SQS) or a function (Lambda), by the list that it is in.
type Notification struct {
	ID       string              `xml:"Id,omitempty"`
	Topic    string              `xml:"Topic,omitempty"`
	Queue    string              `xml:"Queue,omitempty"`
	Function string              `xml:"CloudFunction,omitempty"`
	Events   []string            `xml:"Event"` // "s3:ObjectCreated:*"
	Filter   *NotificationFilter `xml:"Filter"`
	Foreign  []Foreign           `xml:",any"`
}

// NotificationFilter is which keys.
type NotificationFilter struct {
	Key     *NotificationKeys `xml:"S3Key"`
	Foreign []Foreign         `xml:",any"`
}

// NotificationKeys is rules, a "prefix" and a "suffix".
type NotificationKeys struct {
	Rules   []FilterRule `xml:"FilterRule"`
	Foreign []Foreign    `xml:",any"`
}

// FilterRule has the Name "prefix" or "suffix".
type FilterRule struct {
	Name  string `xml:"Name"`
	Value string `xml:"Value"`
}

// Notifications reads whom a bucket tells.
func (s *Session) Notifications(ctx context.Context, loc Location) (Notifications, error) {
	var n Notifications
	_, err := s.readTyped(ctx, settingOf("notification"), loc, "", &n)
	return n, err
}

// SetNotifications replaces whom a bucket tells; the zero value is nobody. Each receiver must let S3 send to it.
func (s *Session) SetNotifications(ctx context.Context, loc Location, n Notifications) error {
	return s.writeTyped(ctx, settingOf("notification"), loc, n, settingRequest{})
}
